package e2e

import (
	"cmp"
	"fmt"
)

// checkHistory checks what must hold for the history of every execution that
// has ended, and that what the server shows of it says the same. Times go
// forward, unless the server's clock was set.
func checkHistory(x execution, records []record, clockSet bool) (faults []string) {
	h := reader{clockSet: clockSet, visits: map[string]state{}, attempts: map[string]int{}}
	for i, r := range records {
		h.n = i + 1
		h.read(r)
	}
	last := records[len(records)-1]
	switch {
	case last.Type != "Execution End":
		h.fault("the last record is %s", last.Type)
	case last.Status != x.Status, last.Output != x.Output, last.StoppedAt != x.StoppedAt:
		h.fault("it shows %s %s %s, and the history ends %s %s %s", x.Status, x.Output, x.StoppedAt, last.Status, last.Output, last.StoppedAt)
	}
	for name, shown := range x.States {
		visit, visited := h.visits[name]
		if !visited {
			visit.Status = "NOTRUNNING"
		}
		if shown != visit {
			h.fault("state %s shows %+v, and the history says %+v", name, shown, visit)
		}
	}
	return h.faults
}

// reader goes through a history and notes what cannot be.
type reader struct {
	clockSet bool
	n        int // of the record
	at       string
	inState  string
	passed   string // the output that the next state gets as its input
	ended    bool
	visits   map[string]state // the latest of each state
	attempts map[string]int   // how many attempts of an action are open
	faults   []string
}

func (h *reader) fault(format string, args ...any) {
	h.faults = append(h.faults, fmt.Sprintf("record %d: ", h.n)+fmt.Sprintf(format, args...))
}

func (h *reader) read(r record) {
	at := cmp.Or(r.StartedAt, r.StoppedAt)
	if at < h.at && !h.clockSet { // times of one form compare as texts
		h.fault("it is of %s, before %s", at, h.at)
	}
	h.at = at
	if (h.n == 1) != (r.Type == "Execution Start") {
		h.fault("%s stands there", r.Type)
	}
	if h.ended {
		h.fault("%s follows the end", r.Type)
	}
	switch r.Type {
	case "Execution Start":
		h.passed = r.Input
	case "State Start":
		h.enter(r)
	case "State End":
		h.leave(r)
	case "Action Start":
		h.within(r)
		h.attempts[attemptOf(r)]++
	case "Action End":
		h.within(r)
		if h.attempts[attemptOf(r)]--; h.attempts[attemptOf(r)] < 0 {
			h.fault("%s ends more often than it began", attemptOf(r))
		}
	case "Execution End":
		h.ended = true
		if h.inState != "" {
			h.fault("state %s is still open", h.inState)
		}
		if r.Status == "SUCCESS" && r.Output != h.passed {
			h.fault("the output is %s, and the last state's %s", r.Output, h.passed)
		}
	case "Event Received", "Event Dropped":
	case "Event Taken", "Event Answered":
		h.within(r)
	default:
		h.fault("its type is %q", r.Type)
	}
}

func (h *reader) enter(r record) {
	if h.inState != "" {
		h.fault("state %s begins within %s", r.State, h.inState)
	}
	if r.Input != h.passed {
		h.fault("state %s gets %s, and %s was passed on", r.State, r.Input, h.passed)
	}
	h.inState = r.State
	h.visits[r.State] = state{Status: "RUNNING", StartedAt: r.StartedAt, Input: r.Input}
}

func (h *reader) leave(r record) {
	if h.inState != r.State {
		h.fault("state %s ends within %q", r.State, h.inState)
	}
	for attempt, open := range h.attempts {
		if open > 0 {
			h.fault("state %s ends while %s is open", r.State, attempt)
		}
	}
	h.inState, h.passed = "", r.Output
	visit := h.visits[r.State]
	visit.Status, visit.StoppedAt, visit.Output = r.Status, r.StoppedAt, r.Output
	h.visits[r.State] = visit
	clear(h.attempts)
}

// within checks that a record of an action is about the state around it.
func (h *reader) within(r record) {
	if r.State != h.inState {
		h.fault("%s of state %s stands within %q", r.Type, r.State, h.inState)
	}
}

func attemptOf(r record) string { return fmt.Sprintf("%s attempt %d", r.Action, r.Attempt) }
