package definition

import "heddle/internal/payload"

// Operation calls functions.
type Operation struct {
	Mode    ActionMode
	Actions []Action
	Extend  *payload.Path // dynamic-extend: selects the elements that the one action runs for; nil without
	Next    string
}

// Type returns OPERATION.
func (*Operation) Type() Type { return TypeOperation }

func (o *Operation) targets() []string {
	return append(resultTargets(o.Actions), o.Next)
}

// Async reports whether the state hands its calls over without waiting for
// their results. All actions of a list have one invocation mode.
func (o *Operation) Async() bool { return len(o.Actions) > 0 && o.Actions[0].Async }

// ActionMode says in which order the actions of a list are called.
type ActionMode string

// The action modes.
const (
	Sequential ActionMode = "SEQUENTIAL" // one after the other, each with the result before
	Parallel   ActionMode = "PARALLEL"   // all at once, each with the state's input
)
