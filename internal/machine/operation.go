package machine

import (
	"fmt"
	"strings"

	"heddle/internal/definition"
	"heddle/internal/journal"
	"heddle/internal/payload"
)

// resultDepthMax bounds the nesting of what functions return.
const resultDepthMax = 64

// operate begins the actions of an OPERATION or of a member of an EVENT.
func (t *turn) operate(state *definition.State, o *definition.Operation, work string) {
	switch {
	case o.Extend != nil:
		t.extend(state, o, work)
	case o.Mode == definition.Parallel:
		for i := range o.Actions {
			t.begin(&o.Actions[i], i, 1, work)
		}
	default:
		t.begin(&o.Actions[0], 0, 1, work)
	}
}

// begin records that an attempt of a branch begins; the call follows from it.
func (t *turn) begin(a *definition.Action, branch, attempt int, input string) {
	t.record(journal.ActionStarted{At: t.now, Action: a.Name, Branch: branch, Attempt: attempt, Input: input})
}

// answered takes the answer of a running attempt.
func (t *turn) answered(in Answer) {
	o := t.operation(t.x)
	a := actionOf(o, in.Branch)
	if in.Failure != nil {
		t.attemptFailed(a, in.Branch, callFailure(a, *in.Failure))
		return
	}
	ended := journal.ActionEnded{At: t.now, Action: a.Name, Branch: in.Branch, Attempt: in.Attempt, Status: journal.Success}
	if !a.Async {
		if f := t.unusable(in.Output); f != nil {
			t.attemptFailed(a, in.Branch, *f)
			return
		}
		output, fault := filterResult(a.Filter, in.Output)
		if fault != nil {
			// The function has done its part: calling it again would not help.
			f := failure{Failure: journal.Failure(*fault), state: t.x.State, action: a.Name, attempts: in.Attempt}
			ended.Status, ended.Failure = journal.Failed, &f.Failure
			t.record(ended)
			t.fail(f)
			return
		}
		ended.Output = output
	}
	t.record(ended)
	t.advance(o, in.Branch)
}

// unusable says why a function's result cannot be used, or returns nil.
func (t *turn) unusable(output string) *journal.Failure {
	f := &journal.Failure{Name: definition.FailureAction, Code: codeResultNotJSON}
	if len(output) > t.Limits.ResultBytes {
		f.Code = codeCallFailed
		f.Message = fmt.Sprintf("the function's result has %d bytes, more than the %d that are allowed", len(output), t.Limits.ResultBytes)
		return f
	}
	if err := payload.Valid(output, resultDepthMax); err != nil {
		f.Message = "the function's result is not JSON: " + err.Error()
		return f
	}
	return nil
}

// advance goes on after a branch has succeeded: with the next one, or out of
// the state if it was the last.
func (t *turn) advance(o *definition.Operation, branch int) {
	count := len(o.Actions)
	switch {
	case o.Extend != nil:
		elements, fault := t.elements(o)
		if fault != nil {
			t.fail(fault.at(t.x.State))
			return
		}
		count = len(elements)
		if i := len(t.x.Branches); i < count {
			t.begin(&o.Actions[0], i, 1, elements[i])
			return
		}
	case o.Mode == definition.Sequential && branch+1 < count:
		t.begin(&o.Actions[branch+1], branch+1, 1, t.x.Branches[branch].Output)
		return
	}
	for i := 0; i < count; i++ {
		if t.x.Branches[i].Status != journal.Success {
			return
		}
	}
	t.complete(o)
}

// complete leaves an OPERATION or an EVENT all of whose actions have succeeded.
func (t *turn) complete(o *definition.Operation) {
	state := t.Definition.State(t.x.State)
	result := t.x.Branches[len(t.x.Branches)-1].Output
	switch {
	case o.Async() && o.Extend == nil:
		result = t.x.Branches[0].Input // as all of them
	case o.Async():
		work, fault := filter(state.FilterIn, t.x.Input)
		if fault != nil {
			t.fail(fault.at(state.Name))
			return
		}
		result = work
	case o.Extend != nil:
		result = t.array()
	case o.Mode == definition.Parallel:
		result = t.object(o)
	}
	t.leave(state, result, o.Next)
}

// object joins the results of parallel actions under their names.
func (t *turn) object(o *definition.Operation) string {
	members := make([]string, len(t.x.Branches))
	for i, b := range t.x.Branches {
		members[i] = payload.Quote(o.Actions[i].Name) + ":" + b.Output
	}
	return "{" + strings.Join(members, ",") + "}"
}

// array joins the results of a dynamic-extend in the order of its elements.
func (t *turn) array() string {
	items := make([]string, len(t.x.Branches))
	for i, b := range t.x.Branches {
		items[i] = b.Output
	}
	return "[" + strings.Join(items, ",") + "]"
}
