package machine_test

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"reflect"
	"testing"

	"heddle/internal/definition"
	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/machine/graphtest"
)

// TestRandomGraphs runs random graphs to their end twice: once undisturbed, and
// once with a process that dies again and again, before and after its commits,
// and with answers, events and ticks that come late, early or twice. Both runs must
// leave the same journal, byte for byte.
func TestRandomGraphs(t *testing.T) {
	t.Parallel()
	const graphs = 200
	ends := map[journal.Status]int{}
	for seed := range uint64(graphs) {
		g := graphtest.New(seed, 0).WithEvents()
		text, input := g.Definition(), g.Payload()
		d, problems := definition.Parse(text)
		if len(problems) > 0 {
			t.Fatalf("seed %d: the generator wrote a faulty graph: %+v\n%s", seed, problems, text)
		}
		calm := newRun(d, seed)
		hurt := newRun(d, seed)
		hurt.faults = rand.New(rand.NewPCG(seed, 1))
		for _, r := range []*run{calm, hurt} {
			if err := r.toTheEnd(input); err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, text)
			}
		}
		if diff := difference(calm.rows, hurt.rows); diff != "" {
			t.Errorf("seed %d: the journals differ: %s\n%s", seed, diff, text)
		}
		ends[calm.x.Status]++
	}
	if ends[journal.Success] < graphs/10 || ends[journal.Failed] < graphs/10 || ends[journal.Timeout] == 0 {
		t.Errorf("the graphs are no fair mixture any more: they ended %v", ends)
	}
}

// run drives one execution. What happens next is drawn from the seed and the
// number of records alone, and so is the same whatever was lost meanwhile.
type run struct {
	machine machine.Machine
	seed    uint64
	now     journal.Millis
	x       machine.Execution
	codec   journal.Codec
	rows    [][]byte // the journal on the disk

	faults   *rand.Rand      // nil: nothing goes wrong
	answered []machine.Input // that may come once more
}

func newRun(d *definition.Definition, seed uint64) *run {
	limits := machine.Limits{Visits: 60, Elements: 20, ElementsAtOnce: 3, ResultBytes: 4096}
	return &run{machine: machine.Machine{Definition: d, Limits: limits}, seed: seed, now: 1}
}

func (r *run) toTheEnd(input string) error {
	if err := r.step(machine.Start{Name: "n", Input: input}); err != nil {
		return err
	}
	for !r.x.Ended() {
		next, err := r.next()
		if err != nil {
			return err
		}
		if err := r.step(next); err != nil {
			return err
		}
	}
	return r.disturb(machine.Tick{})
}

// next makes the next thing happen: a call is answered, or a moment comes.
func (r *run) next() (machine.Input, error) {
	o := r.machine.Outstanding(r.x)
	chance := rand.New(rand.NewPCG(r.seed, uint64(r.x.Seq)))
	events, deferred := r.events(o), r.deferred()
	switch {
	case o.Ready:
		return machine.Tick{}, nil
	case len(events) > 0 && chance.IntN(3) > 0:
		r.now += journal.Millis(chance.IntN(3000))
		return r.arrival(events[chance.IntN(len(events))], chance), nil
	case len(o.Calls) > 0 && (o.Wake == 0 || chance.IntN(2) == 0):
		r.now += journal.Millis(chance.IntN(3000))
		c := o.Calls[chance.IntN(len(o.Calls))]
		if !c.Async && chance.IntN(6) == 0 {
			return machine.Deferral{Visit: c.Visit, Branch: c.Branch, Attempt: c.Attempt, Due: r.now + journal.Millis(c.Timeout.Milliseconds())}, nil
		}
		return r.answer(c), nil
	case len(deferred) > 0 && chance.IntN(2) == 0:
		return r.answer(deferred[chance.IntN(len(deferred))]), nil
	case o.Wake != 0:
		r.now = max(r.now, o.Wake)
		return machine.Tick{}, nil
	case len(events) > 0:
		return r.arrival(events[chance.IntN(len(events))], chance), nil
	}
	return nil, fmt.Errorf("after record %d nothing is outstanding and the execution has not ended", r.x.Seq)
}

// deferred returns the calls whose functions report later.
func (r *run) deferred() (calls []machine.Call) {
	for i, b := range r.x.Branches {
		if b.Status == journal.Running && b.Due != 0 {
			calls = append(calls, machine.Call{Visit: r.x.Visits, Branch: i, Attempt: b.Attempt, Input: b.Input})
		}
	}
	return calls
}

// events returns the triggers whose events the execution would receive.
func (r *run) events(o machine.Outstanding) []string {
	triggers := o.Events
	for _, e := range r.machine.Definition.Events {
		if trigger := e.Source.String(); e.Worker() && r.machine.Admit(r.x, r.now, trigger) == nil {
			triggers = append(triggers, trigger)
		}
	}
	return triggers
}

// arrival is a cloud service or a worker: what it sends follows from the
// number of records.
func (r *run) arrival(trigger string, chance *rand.Rand) machine.Arrival {
	e := r.machine.Definition.EventOf(trigger)
	in := machine.Arrival{Trigger: trigger, ID: fmt.Sprint(r.x.Seq)}
	if e.Worker() {
		in.Direct, in.Asks = true, chance.IntN(2) == 0
	} else {
		in.Number = uint64(r.x.Seq)
	}
	if !e.Worker() || chance.IntN(2) == 0 {
		in.Payload = graphtest.New(r.seed, uint64(r.x.Seq)).Payload()
	}
	return in
}

// answer is a function: what it answers follows from the call.
func (r *run) answer(c machine.Call) machine.Answer {
	sum := fnv.New64()
	fmt.Fprint(sum, c)
	g := graphtest.New(r.seed, sum.Sum64())
	a := machine.Answer{Visit: c.Visit, Branch: c.Branch, Attempt: c.Attempt}
	switch {
	case g.Chance(0.1):
		names := []string{definition.FailureAction, definition.FailureTimeout, definition.FailureNotFound}
		a.Failure = &machine.Failure{Name: names[g.IntN(len(names))], Message: "as drawn"}
	case !c.Async:
		a.Output = g.Output(c.Input)
	}
	return a
}

// step takes an input to the disk, through faults if there are to be any.
func (r *run) step(in machine.Input) error {
	if r.faults != nil {
		if err := r.disturb(in); err != nil {
			return err
		}
	}
	next, records := r.machine.Decide(r.x, r.now, in)
	if len(records) == 0 {
		return fmt.Errorf("after record %d the input %+v changed nothing", r.x.Seq, in)
	}
	r.rows = append(r.rows, r.codec.Encode(nil, records))
	r.x = next
	switch in := in.(type) {
	case machine.Answer, machine.Deferral:
		r.answered = append(r.answered, in)
	case machine.Arrival:
		if !in.Direct {
			r.answered = append(r.answered, in)
		}
	}
	return nil
}

// disturb lets something go wrong before an input: none of it may change
// anything.
func (r *run) disturb(in machine.Input) error {
	if r.faults == nil {
		return nil
	}
	switch r.faults.IntN(5) {
	case 0: // the process dies after a commit
		return r.restart()
	case 1: // the process dies before the commit of what it has decided
		r.machine.Decide(r.x, r.now, in)
		return r.restart()
	case 2: // an answer or an event comes a second time
		if len(r.answered) > 0 {
			return r.ignored(r.answered[r.faults.IntN(len(r.answered))])
		}
	case 3: // a tick comes early, or for nothing
		if wake := r.machine.Outstanding(r.x).Wake; wake == 0 || wake > r.now {
			return r.ignored(machine.Tick{})
		}
	}
	return nil
}

// restart forgets everything and reads the journal.
func (r *run) restart() error {
	r.x, r.codec = machine.Execution{}, journal.Codec{}
	for _, row := range r.rows {
		records, err := r.codec.Decode(row)
		if err != nil {
			return err
		}
		r.x = r.x.Apply(records...)
	}
	return nil
}

func (r *run) ignored(in machine.Input) error {
	next, records := r.machine.Decide(r.x, r.now, in)
	if len(records) > 0 || !reflect.DeepEqual(machine.Exported(next), machine.Exported(r.x)) {
		return fmt.Errorf("after record %d the input %+v should change nothing, and wrote %+v", r.x.Seq, in, records)
	}
	return nil
}

// difference describes the first row in which two journals differ.
func difference(a, b [][]byte) string {
	for i := range min(len(a), len(b)) {
		if !bytes.Equal(a[i], b[i]) {
			return fmt.Sprintf("row %d:\n%q\n%q", i, a[i], b[i])
		}
	}
	if len(a) != len(b) {
		return fmt.Sprintf("one has %d rows, the other %d", len(a), len(b))
	}
	return ""
}
