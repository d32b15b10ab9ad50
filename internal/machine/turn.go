package machine

import (
	"fmt"

	"heddle/internal/definition"
	"heddle/internal/journal"
)

// turn is one decision in the making.
type turn struct {
	Machine
	x       Execution
	now     journal.Millis
	records []journal.Record
}

// record adds a record and applies it.
func (t *turn) record(r journal.Record) {
	t.records = append(t.records, r)
	t.x.apply(r)
}

// step says which state to enter next, with which input. The zero step says
// that there is none: the execution waits or has ended.
type step struct{ state, input string }

// proceed enters states one after another until one waits or the execution ends.
func (t *turn) proceed(s step) {
	for s.state != "" {
		switch {
		case t.x.Visits >= t.Limits.Visits:
			t.endFailed(t.visitsExceeded(s.state))
			return
		case t.x.Written > writtenMax:
			t.endFailed(t.writtenExceeded())
			return
		}
		s = t.enter(s)
	}
	if t.x.Status == journal.Running && t.x.Written > writtenMax {
		t.failState(t.writtenExceeded())
	}
}

// enter enters a state and does what its type does at once.
func (t *turn) enter(s step) step {
	state := t.Definition.State(s.state)
	if state == nil {
		panic(fmt.Sprintf("state %q is not in the definition", s.state))
	}
	t.record(journal.StateEntered{At: t.now, State: state.Name, Input: s.input, Due: t.due(state)})
	work, fault := filter(state.FilterIn, s.input)
	if fault != nil {
		return t.failState(fault.at(state.Name))
	}
	switch body := state.Body.(type) {
	case *definition.Noop:
		return t.leave(state, work, body.Next)
	case *definition.Delay:
		return step{}
	case *definition.Switch:
		return t.choose(state, body, work)
	case *definition.Operation:
		return t.operate(state, body, work)
	case *definition.End:
		return t.end(body, work)
	}
	panic(fmt.Sprintf("state %q has the type %s, which this machine cannot run", state.Name, state.Type()))
}

// due returns when a state that is entered now ends by itself.
func (t *turn) due(state *definition.State) journal.Millis {
	if d, ok := state.Body.(*definition.Delay); ok {
		return t.now + journal.Millis(d.Seconds)*1000
	}
	return 0
}

// elapsed goes on from a state whose time has come: a DELAY.
func (t *turn) elapsed() step {
	state := t.Definition.State(t.x.State)
	work, fault := filter(state.FilterIn, t.x.Input)
	if fault != nil {
		return t.failState(fault.at(state.Name))
	}
	return t.leave(state, work, state.Body.(*definition.Delay).Next)
}

// leave ends the current state with its result and goes to the next.
func (t *turn) leave(state *definition.State, result, next string) step {
	output, fault := filterResult(state.FilterOut, result)
	if fault != nil {
		return t.failState(fault.at(state.Name))
	}
	t.record(journal.StateExited{At: t.now, State: state.Name, Status: journal.Success, Output: output})
	return step{next, output}
}

// end ends the execution in its END state. An END that is marked as a failure
// passes its input on like any other: the graph has seen to what it says.
func (t *turn) end(body *definition.End, work string) step {
	status := journal.Success
	if body.Failure {
		status = journal.Failed
	}
	t.record(journal.StateExited{At: t.now, State: t.x.State, Status: journal.Success, Output: work})
	t.record(journal.ExecutionEnded{At: t.now, Status: status, Output: work})
	return step{}
}
