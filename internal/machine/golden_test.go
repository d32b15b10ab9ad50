package machine_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"heddle/internal/definition"
	"heddle/internal/journal"
	"heddle/internal/machine"
)

// TestGolden plays the scripts in testdata and compares what the machine wrote.
//
//	define                    the graph of the script
//	limits visits=3           limits other than the usual ones
//	start name=N              input: the execution's input
//	answer branch=B           input: the function's result; attempt and visit
//	                          default to those that are awaited
//	fail branch=B name=N      the call failed; input: the message
//	defer branch=B due=30s    the function reports its result later
//	event name=N number=7     an event came in; input: its payload. With direct it is
//	                          for the state that waits now, with asks its sender
//	                          waits for an answer
//	advance 8s                moves the clock and sends a Tick
//	pass 8s                   moves the clock only
//	stop
//
// After each step the harness checks, unasked, that the same step decided
// again gives the same, that the fold of the stored journal equals the live
// execution, and that a settled execution writes nothing more.
//
// Rewrite the expectations with: go test ./internal/machine -rewrite
func TestGolden(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		s := &script{limits: machine.Limits{Visits: 100, Elements: 5, ElementsAtOnce: 2, ResultBytes: 1024}}
		datadriven.RunTest(t, path, s.play)
	})
}

// script is a running golden script.
type script struct {
	definition *definition.Definition
	limits     machine.Limits
	now        journal.Millis
	live       machine.Execution
	rows       [][]byte
	codec      journal.Codec
}

func (s *script) play(t *testing.T, step *datadriven.TestData) string {
	t.Helper()
	switch step.Cmd {
	case "define":
		return s.define(step.Input)
	case "limits":
		step.MaybeScanArgs(t, "visits", &s.limits.Visits)
		step.MaybeScanArgs(t, "elements", &s.limits.Elements)
		step.MaybeScanArgs(t, "bytes", &s.limits.ResultBytes)
		return ""
	case "start":
		return s.decide(t, machine.Start{Name: "n", Input: step.Input})
	case "answer":
		return s.decide(t, s.answer(t, step))
	case "fail":
		a := s.answer(t, step)
		a.Output, a.Failure = "", &machine.Failure{Message: step.Input}
		step.ScanArgs(t, "name", &a.Failure.Name)
		return s.decide(t, a)
	case "defer":
		return s.decide(t, s.deferral(t, step))
	case "event":
		return s.arrive(t, step)
	case "advance", "pass":
		d, err := time.ParseDuration(step.CmdArgs[0].Key)
		if err != nil {
			step.Fatalf(t, "%v", err)
		}
		s.now += journal.Millis(d.Milliseconds())
		if step.Cmd == "pass" {
			return ""
		}
		return s.decide(t, machine.Tick{})
	case "stop":
		return s.decide(t, machine.Stop{})
	}
	step.Fatalf(t, "unknown step %q", step.Cmd)
	return ""
}

func (s *script) define(text string) string {
	d, problems := definition.Parse(text)
	if len(problems) > 0 {
		return fmt.Sprintf("%s %s %s\n", problems[0].Code, problems[0].Path, problems[0].Message)
	}
	*s = script{definition: d, limits: s.limits, now: epoch}
	return ""
}

// answer makes an answer to the call that is awaited for a branch.
func (s *script) answer(t *testing.T, step *datadriven.TestData) machine.Answer {
	a := machine.Answer{Visit: s.live.Visits, Output: step.Input}
	step.ScanArgs(t, "branch", &a.Branch)
	if a.Branch < len(s.live.Branches) {
		a.Attempt = s.live.Branches[a.Branch].Attempt
	}
	step.MaybeScanArgs(t, "attempt", &a.Attempt)
	step.MaybeScanArgs(t, "visit", &a.Visit)
	return a
}

// arrive brings an event, or says why it is not received. Its id is its number,
// or how many records there were before it.
func (s *script) arrive(t *testing.T, step *datadriven.TestData) string {
	var name string
	step.ScanArgs(t, "name", &name)
	in := machine.Arrival{
		Trigger: "urn:fgs:local:p1:trigger:OBS_unknown_1", Payload: step.Input,
		Direct: step.HasArg("direct"), Asks: step.HasArg("asks"),
	}
	if e := s.definition.Event(name); e != nil {
		in.Trigger = e.Source.String()
	}
	step.MaybeScanArgs(t, "number", &in.Number)
	in.ID = fmt.Sprint("#", in.Number)
	if in.Direct {
		in.ID = fmt.Sprint("@", s.live.Seq)
		m := machine.Machine{Definition: s.definition, Limits: s.limits}
		if err := m.Admit(s.live, s.now, in.Trigger); err != nil {
			return fmt.Sprintf("refused: %v\n", err) + s.decide(t, in)
		}
	}
	return s.decide(t, in)
}

func (s *script) deferral(t *testing.T, step *datadriven.TestData) machine.Deferral {
	t.Helper()
	a := s.answer(t, step)
	var due string
	step.ScanArgs(t, "due", &due)
	d, err := time.ParseDuration(due)
	if err != nil {
		step.Fatalf(t, "%v", err)
	}
	return machine.Deferral{Visit: a.Visit, Branch: a.Branch, Attempt: a.Attempt, Due: s.now + journal.Millis(d.Milliseconds())}
}

func (s *script) decide(t *testing.T, in machine.Input) string {
	t.Helper()
	m := machine.Machine{Definition: s.definition, Limits: s.limits}
	before := fmt.Sprintf("%+v", s.live)
	next, records := m.Decide(s.live, s.now, in)
	if after := fmt.Sprintf("%+v", s.live); after != before {
		t.Errorf("Decide changed its argument:\nbefore %s\nafter  %s", before, after)
	}
	if again, same := m.Decide(s.live, s.now, in); !reflect.DeepEqual(again, next) || !reflect.DeepEqual(same, records) {
		t.Errorf("deciding twice gave two results:\n%+v\n%+v", next, again)
	}
	s.live = next
	if len(records) > 0 {
		s.rows = append(s.rows, s.codec.Encode(nil, records))
	}
	folded := s.fold(t)
	if !reflect.DeepEqual(machine.Exported(folded), machine.Exported(next)) {
		t.Errorf("the fold of the journal is not the execution:\nfold %+v\nlive %+v", folded, next)
	}
	if a, b := m.Outstanding(folded), m.Outstanding(next); !reflect.DeepEqual(a, b) {
		t.Errorf("what is outstanding was not found again:\nfold %+v\nlive %+v", a, b)
	}
	return s.print(records) + s.outstanding(m)
}

// fold reads the journal back from its stored form.
func (s *script) fold(t *testing.T) machine.Execution {
	t.Helper()
	var codec journal.Codec
	var x machine.Execution
	for _, row := range s.rows {
		records, err := codec.Decode(row)
		if err != nil {
			t.Fatal(err)
		}
		x = x.Apply(records...)
	}
	return x
}

func (s *script) print(records []journal.Record) string {
	var b strings.Builder
	for _, r := range records {
		switch r := r.(type) {
		case journal.ExecutionStarted:
			fmt.Fprintf(&b, "%s execution started   in=%s", clock(r.At), r.Input)
		case journal.StateEntered:
			fmt.Fprintf(&b, "%s state %s entered   in=%s", clock(r.At), r.State, r.Input)
			if r.Due != 0 {
				fmt.Fprintf(&b, " due=%s", clock(r.Due))
			}
		case journal.ActionStarted:
			fmt.Fprintf(&b, "%s action %s/%d started   attempt=%d in=%s", clock(r.At), r.Action, r.Branch, r.Attempt, r.Input)
		case journal.ActionDeferred:
			fmt.Fprintf(&b, "%s action %s/%d deferred   attempt=%d due=%s", clock(r.At), r.Action, r.Branch, r.Attempt, clock(r.Due))
		case journal.ActionEnded:
			fmt.Fprintf(&b, "%s action %s/%d %s   attempt=%d", clock(r.At), r.Action, r.Branch, r.Status, r.Attempt)
			if r.Output != "" {
				fmt.Fprintf(&b, " out=%s", r.Output)
			}
			if r.Failure != nil {
				fmt.Fprintf(&b, " failure=%s %s %q", r.Failure.Name, r.Failure.Code, r.Failure.Message)
			}
			if r.RetryAt != 0 {
				fmt.Fprintf(&b, " rule=%d retry=%s", r.Rule, clock(r.RetryAt))
			}
		case journal.StateExited:
			fmt.Fprintf(&b, "%s state %s %s   out=%s", clock(r.At), r.State, r.Status, r.Output)
		case journal.ExecutionEnded:
			fmt.Fprintf(&b, "%s execution %s   out=%s", clock(r.At), r.Status, r.Output)
		case journal.EventReceived:
			fmt.Fprintf(&b, "%s event %s %s received", clock(r.At), r.Event, r.ID)
			if r.Payload != "" {
				fmt.Fprintf(&b, "   in=%s", r.Payload)
			}
		case journal.EventDropped:
			fmt.Fprintf(&b, "%s event %s %s dropped", clock(r.At), r.Event, r.ID)
		case journal.EventTaken:
			fmt.Fprintf(&b, "%s event %s taken   member=%d", clock(r.At), strings.Join(r.Events, ", "), r.Member)
		case journal.EventAnswered:
			fmt.Fprintf(&b, "%s event %s answered", clock(r.At), r.ID)
			if r.Failure != nil {
				fmt.Fprintf(&b, "   failure=%s %s %q", r.Failure.Name, r.Failure.Code, r.Failure.Message)
			} else {
				fmt.Fprintf(&b, "   out=%s", r.Response)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func (s *script) outstanding(m machine.Machine) string {
	var b strings.Builder
	o := m.Outstanding(s.live)
	for _, c := range o.Calls {
		mode := ""
		if c.Async {
			mode = " async"
		}
		fmt.Fprintf(&b, "awaits %s/%d attempt %d of visit %d, at most %s%s\n", c.Action, c.Branch, c.Attempt, c.Visit, c.Timeout, mode)
	}
	if o.Wake != 0 {
		fmt.Fprintf(&b, "awaits %s\n", clock(o.Wake))
	}
	if o.Ready {
		b.WriteString("awaits its turn\n")
	}
	for _, trigger := range o.Events {
		fmt.Fprintf(&b, "awaits events %s\n", s.definition.EventOf(trigger).Name)
	}
	for _, trigger := range o.Offers {
		fmt.Fprintf(&b, "offers work %s since %s\n", s.definition.EventOf(trigger).Name, clock(s.live.Entered))
	}
	if b.Len() == 0 && !s.live.Ended() {
		return "awaits nothing\n"
	}
	return b.String()
}

// epoch is when scripts begin.
const epoch journal.Millis = 1_500_000_000_000

// clock prints a moment as seconds since the script's beginning.
func clock(at journal.Millis) string { return fmt.Sprintf("%gs", float64(at-epoch)/1000) }
