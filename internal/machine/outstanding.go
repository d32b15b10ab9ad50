package machine

import (
	"time"

	"heddle/internal/definition"
	"heddle/internal/journal"
)

// Outstanding is what remains to be done outside for an execution.
type Outstanding struct {
	Calls []Call         // functions whose answers are awaited
	Wake  journal.Millis // when to send a Tick; 0 if there is no such time
	Ready bool           // it waits for nothing: send a Tick at once

	Events []string // URNs of triggers: every event of theirs is for it
	Offers []string // URNs of triggers: there is work for one request, since the state was entered
}

// Call is an attempt of an action that is awaited. It may have been carried
// out before, up to any point.
type Call struct {
	Visit, Branch, Attempt int

	State    string
	Action   string
	Function string // URN
	Input    string // JSON text
	Timeout  time.Duration
	Async    bool // hand it over and do not wait for the result
}

// Outstanding computes what remains to be done for an execution.
func (m Machine) Outstanding(x Execution) Outstanding {
	if x.Status != journal.Running {
		return Outstanding{}
	}
	o := Outstanding{Wake: x.Due, Ready: x.Next != ""}
	o.Events, o.Offers = m.open(x)
	for i, b := range x.Branches {
		switch {
		case b.Status == journal.Running && b.Due == 0:
			o.Calls = append(o.Calls, m.call(x, i, b))
		case b.Status == journal.Running:
			o.wakeBy(b.Due)
		case b.RetryAt != 0:
			o.wakeBy(b.RetryAt)
		}
	}
	return o
}

func (o *Outstanding) wakeBy(at journal.Millis) {
	if o.Wake == 0 || at < o.Wake {
		o.Wake = at
	}
}

func (m Machine) call(x Execution, branch int, b Branch) Call {
	a := actionOf(m.operation(x), branch)
	return Call{
		Visit: x.Visits, Branch: branch, Attempt: b.Attempt,
		State: x.State, Action: a.Name, Function: a.Function, Input: b.Input,
		Timeout: time.Duration(a.Timeout) * time.Second,
		Async:   a.Async,
	}
}

// operation returns what the state in which the execution is carries out: an
// OPERATION, or an EVENT that has taken its events.
func (m Machine) operation(x Execution) *definition.Operation {
	body := m.Definition.State(x.State).Body
	if e, ok := body.(*definition.Event); ok {
		return &e.Members[x.Member].Operation
	}
	return body.(*definition.Operation)
}

// actionOf returns the action that a branch carries out.
func actionOf(o *definition.Operation, branch int) *definition.Action {
	if o.Extend != nil {
		return &o.Actions[0]
	}
	return &o.Actions[branch]
}
