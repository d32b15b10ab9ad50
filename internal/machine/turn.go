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

// quantum is how many states an execution enters in one turn. One that goes on
// and on without waiting lets others have theirs in between, and what it has
// done is on the disk.
const quantum = 100

// proceed enters states one after another until one waits, the execution ends,
// or it has had its turn.
func (t *turn) proceed() {
	for entered := 0; t.x.Status == journal.Running; entered++ {
		switch {
		case t.x.Written > writtenMax:
			t.fail(t.writtenExceeded())
			return
		case t.x.Next == "" || entered == quantum:
			return
		case t.x.Visits >= t.Limits.Visits:
			t.fail(t.visitsExceeded())
			return
		}
		t.enter(t.Definition.State(t.x.Next), t.x.Input)
	}
}

// enter enters a state and does what its type does at once.
func (t *turn) enter(state *definition.State, input string) {
	t.record(journal.StateEntered{At: t.now, State: state.Name, Input: input, Due: t.due(state)})
	work, fault := filter(state.FilterIn, input)
	if fault != nil {
		t.fail(fault.at(state.Name))
		return
	}
	switch body := state.Body.(type) {
	case *definition.Noop:
		t.leave(state, work, body.Next)
	case *definition.Delay:
		// It waits; elapsed goes on.
	case *definition.Switch:
		t.choose(state, body, work)
	case *definition.Operation:
		t.operate(state, body, work)
	case *definition.Event:
		t.await(state, body)
	case *definition.End:
		t.end(body, work)
	default:
		panic(fmt.Sprintf("state %q has the type %s, which this machine cannot run", state.Name, state.Type()))
	}
}

// due returns when a state that is entered now ends by itself.
func (t *turn) due(state *definition.State) journal.Millis {
	seconds := 0
	switch body := state.Body.(type) {
	case *definition.Delay:
		seconds = body.Seconds
	case *definition.Event:
		seconds = body.TimeoutSeconds
	}
	if seconds == 0 {
		return 0
	}
	return t.now + journal.Millis(seconds)*1000
}

// elapsed goes on from a state whose time has come: a DELAY is over, an EVENT
// has waited for too long.
func (t *turn) elapsed() {
	state := t.Definition.State(t.x.State)
	if e, ok := state.Body.(*definition.Event); ok {
		t.timeOut(state, e)
		return
	}
	work, fault := filter(state.FilterIn, t.x.Input)
	if fault != nil {
		t.fail(fault.at(state.Name))
		return
	}
	t.leave(state, work, state.Body.(*definition.Delay).Next)
}

// leave ends the current state with its result.
func (t *turn) leave(state *definition.State, result, next string) {
	output, fault := filterResult(state.FilterOut, result)
	if fault != nil {
		t.fail(fault.at(state.Name))
		return
	}
	if fault := t.respond(result); fault != nil {
		t.fail(fault.at(state.Name))
		return
	}
	t.record(journal.StateExited{At: t.now, State: state.Name, Status: journal.Success, Output: output, Next: next})
}

// end ends the execution in its END state. An END that is marked as a failure
// passes its input on like any other: the graph has seen to what it says.
func (t *turn) end(body *definition.End, work string) {
	status := journal.Success
	if body.Failure {
		status = journal.Failed
	}
	t.record(journal.StateExited{At: t.now, State: t.x.State, Status: journal.Success, Output: work})
	t.record(journal.ExecutionEnded{At: t.now, Status: status, Output: work})
}
