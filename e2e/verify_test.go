package e2e

import (
	"encoding/json"
	"fmt"
	"regexp"
	"testing"
	"time"
)

// verify looks at everything that the clients of a load were told, once all
// that runs has come to its end. The server must be running.
func (l *load) verify(t *testing.T) {
	t.Helper()
	t.Logf("%d starts were sent: %d times acknowledged, %d refused, %d in doubt; no answer took longer than %v; %d answers of functions were seen in histories meanwhile",
		len(l.starts), l.acknowledged.Load(), l.refused.Load(), l.doubtful.Load(), l.longest.Round(time.Millisecond), len(l.ledger.settled))
	l.askAgain(t)
	found := l.find(t)
	for _, st := range l.starts {
		urn, exists := found[st.name]
		delete(found, st.name)
		switch {
		case st.urn != "" && urn != st.urn:
			t.Errorf("%s %s was acknowledged and is not in the list, which has %q", st.name, st.urn, urn)
		case st.refused && exists:
			t.Errorf("%s was refused as if nothing had happened, and exists: %s", st.name, urn)
		case exists:
			l.verifyExecution(t, st, urn)
		}
	}
	for name, urn := range found {
		t.Errorf("nobody started %s %s", name, urn)
	}
	l.ledger.audit(t)
}

// askAgain sends every start that has a key once more: what was acknowledged
// must get the same URN, and what was in doubt is settled.
func (l *load) askAgain(t *testing.T) {
	t.Helper()
	for _, st := range l.starts {
		if st.key != "" && !l.begin(t, st) {
			t.Fatalf("%s got no answer", st.name)
		}
		if st.key != "" && st.urn == "" {
			t.Errorf("%s with the key %s got no URN", st.name, st.key)
		}
	}
}

// find waits until all executions have ended and returns their URNs by name.
func (l *load) find(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, g := range l.graphs {
		all := l.s.awaitAll(t, g.urn)
		for _, x := range all {
			if other, twice := found[x.Name]; twice {
				t.Errorf("%s was started once and exists twice: %s and %s", x.Name, other, x.URN)
			}
			found[x.Name] = x.URN
		}
	}
	return found
}

func (l *load) verifyExecution(t *testing.T, st *start, urn string) {
	t.Helper()
	x, err := l.s.show(urn)
	if err != nil {
		t.Errorf("%s: %v", st.name, err)
		return
	}
	records, err := l.s.history(urn)
	if err != nil {
		t.Errorf("%s: %v", st.name, err)
		return
	}
	faults := checkHistory(x, records, l.clockSet)
	faults = append(faults, l.checkDelays(t, st.graph, records)...)
	faults = append(faults, l.checkCalls(urn, records)...)
	faults = append(faults, checkEnd(st, x)...)
	for _, fault := range faults {
		t.Errorf("%s %s: %s", st.name, urn, fault)
	}
	if len(faults) > 0 {
		text, _ := json.MarshalIndent(records, "", " ")
		t.Logf("its history: %.5000s", text)
	}
}

// checkEnd checks what an execution came to.
func checkEnd(st *start, x execution) (faults []string) {
	if x.Input != st.input {
		faults = append(faults, fmt.Sprintf("its input is %s and was %s", x.Input, st.input))
	}
	switch {
	case st.stopped != "":
		if x.Status != "ABORTED" || x.StoppedAt != st.stopped {
			faults = append(faults, fmt.Sprintf("it was stopped at %s, and shows %s at %s", st.stopped, x.Status, x.StoppedAt))
		}
	case x.Status == "ABORTED":
		if !st.doubt {
			faults = append(faults, "it was ABORTED, and nobody stopped it")
		}
	case x.Status != "SUCCESS":
		faults = append(faults, fmt.Sprintf("it ended %s: %s", x.Status, x.Output))
	case st.graph.output != nil:
		if got, want := markless(x.Output), st.graph.output(st.input); got != want {
			faults = append(faults, fmt.Sprintf("its output is %s and should be %s", got, want))
		}
	}
	return faults
}

var anyMark = regexp.MustCompile(`"mark":"[^"]*",`)

func markless(output string) string { return anyMark.ReplaceAllString(output, "") }

// checkDelays checks that no DELAY ended before its time.
func (l *load) checkDelays(t *testing.T, g *graph, records []record) (faults []string) {
	for i, r := range records {
		seconds := 0
		if r.Type == "State End" && r.Status == "SUCCESS" {
			seconds = g.delayOf(t, r.State)
		}
		if seconds == 0 {
			continue
		}
		begun, ended := timeOf(records[i-1].StartedAt), timeOf(r.StoppedAt)
		if ended.Sub(begun) < time.Duration(seconds)*time.Second {
			faults = append(faults, fmt.Sprintf("the delay of %d s ended after %v", seconds, ended.Sub(begun)))
		}
	}
	return faults
}

// timeOf reads a time of the API; one that is not well-formed is the zero time.
func timeOf(text string) time.Time {
	at, _ := time.Parse("2006-01-02T15:04:05.000Z", text)
	return at
}

// checkCalls checks that every answer in a history was given, to the call that
// the history says.
func (l *load) checkCalls(urn string, records []record) (faults []string) {
	l.ledger.settle(records)
	inputs := map[string]bool{} // with which an action was started
	for _, r := range records {
		which := fmt.Sprintf("%s/%s attempt %d", r.State, r.Action, r.Attempt)
		switch {
		case r.Type == "Action Start":
			inputs[which+r.Input] = true
		case r.Type != "Action End" || r.Status == "ABORTED":
		case r.Output == "": // ASYNC
			if len(l.ledger.of(urn, r.Action)) == 0 {
				faults = append(faults, which+" was never handed over")
			}
		default:
			c, known := l.ledger.answered(r)
			got := work{execution: urn, state: r.State, action: r.Action, attempt: r.Attempt, input: c.of.input}
			if !known || c.of != got || !inputs[which+c.of.input] {
				faults = append(faults, fmt.Sprintf("%s got the answer %s, which was given to %+v", which, r.Output, c))
			}
		}
	}
	return faults
}
