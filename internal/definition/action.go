package definition

import (
	"heddle/internal/payload"
	"heddle/internal/urn"
)

// Action is one call of a function by a state.
type Action struct {
	Name     string
	Function string        // URN, as the document spells it
	Async    bool          // hand the call over and do not wait
	Filter   *payload.Path // selects from the function's result
	Timeout  int           // seconds, 1 to TimeoutMaxSeconds; the default is filled in
	Results  []ResultRule
}

// ActionMode says in which order the actions of a list are called.
type ActionMode string

// The action modes.
const (
	Sequential ActionMode = "SEQUENTIAL" // one after the other, each with the result before
	Parallel   ActionMode = "PARALLEL"   // all at once, each with the state's input
)

const (
	invokeSync  = "SYNC"
	invokeAsync = "ASYNC"
)

// actionList is what is known of a list of actions while it is read.
type actionList struct {
	codes  actionCodes
	mode   ActionMode // empty if it could not be read
	names  map[string]bool
	invoke string // invocation-mode of the first action; empty if it could not be read
}

// actions reads action-mode and actions.
func (o *object) actions(codes actionCodes) (ActionMode, []Action) {
	l := &actionList{
		codes: codes,
		mode:  oneOf(o, "action-mode", codes.mode, Sequential, Parallel),
		names: map[string]bool{},
	}
	items := o.list("actions")
	if len(items) > ActionsMax {
		o.c.report(codes.count, o.fields["actions"], "there are %d actions; a list has at most %d", len(items), ActionsMax)
	}
	var actions []Action
	for _, n := range items {
		actions = append(actions, l.read(o.c, n))
	}
	return l.mode, actions
}

func (l *actionList) read(c *checker, n *node) Action {
	o := c.object(n, codeActionEmpty, []string{
		"action-name", "function", "invocation-mode", "payload-filter", "timeout", "results",
	})
	if o == nil {
		return Action{}
	}
	a := Action{
		Name:     l.name(o),
		Function: o.function(),
		Async:    l.async(o),
		Filter:   o.path("payload-filter", codeActionFilter),
		Timeout:  o.integer("timeout", whole{0, TimeoutMaxSeconds, codeActionTimeout}, 0),
		Results:  o.results(),
	}
	if a.Timeout == 0 {
		a.Timeout = TimeoutDefault
	}
	if a.Async && len(o.list("results")) > 0 {
		c.report(codeAsyncResults, o.fields["results"], "an ASYNC action has no results to act on; leave them out")
	}
	return a
}

func (l *actionList) name(o *object) string {
	o.require("action-name", l.codes.name)
	n := o.field("action-name", payload.String)
	if n == nil {
		return ""
	}
	name := n.value.Str()
	switch {
	case !wellFormed(name, ActionNameMax):
		o.c.report(l.codes.name, n, "action-name is %s; it must be 1 to %d letters, digits, '-' and '_'", quoted(name), ActionNameMax)
	case l.names[name]:
		o.c.report(l.codes.nameTwice, n, "action-name is %s, as another action's of this list; each needs its own", quoted(name))
	}
	l.names[name] = true
	return name
}

func (o *object) function() string {
	o.require("function", codeActionFunction)
	n := o.field("function", payload.String)
	if n == nil {
		return ""
	}
	if _, err := urn.ParseFunction(n.value.Str()); err != nil {
		o.c.report(codeActionFunction, n, "function is not the URN of a function: %v", err)
	}
	return n.value.Str()
}

// async reads invocation-mode. In a SEQUENTIAL list an ASYNC action is wrong by
// itself, so that modes are compared in other lists only.
func (l *actionList) async(o *object) bool {
	invoke := oneOf(o, "invocation-mode", codeActionInvoke, invokeSync, invokeAsync)
	if l.invoke == "" {
		l.invoke = invoke
	}
	at := o.fields["invocation-mode"]
	if at == nil {
		at = o.node
	}
	switch {
	case invoke == invokeAsync && l.mode == Sequential:
		o.c.report(l.codes.sequential, at, "an ASYNC action needs action-mode PARALLEL")
	case invoke != "" && invoke != l.invoke && l.mode != Sequential:
		o.c.report(l.codes.mixed, at, "invocation-mode is %s here and %s in an action before; it must be the same in a list", invoke, l.invoke)
	}
	return invoke == invokeAsync
}

// caller is a state's body that calls functions.
type caller interface{ calls() []Action }
