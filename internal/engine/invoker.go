package engine

import (
	"context"
	"time"

	"heddle/internal/store"
	"heddle/internal/urn"
)

// Invoker carries out one call of a function.
type Invoker interface {
	// Invoke calls and waits for the result, at most for the call's timeout. A
	// call with Async set returns once the request has been handed over. It
	// returns soon after ctx ends.
	Invoke(ctx context.Context, call Call) Result
	// CallsMax returns how many calls of a project's function may be in flight
	// at a time, or 0 if nothing is said of that function. Its URN is in the
	// canonical spelling.
	CallsMax(project, function string) int
}

// Call is one try of one attempt of an action. A try that was cut off is
// repeated under the same InvocationID.
type Call struct {
	Project      string
	Execution    urn.Execution
	Key          store.Key // of the execution
	State        string
	Visit        int // of a state by the execution, from 1
	Action       string
	Branch       int // of the state, from 0: which action, or which element of a dynamic-extend
	Attempt      int // from 1
	InvocationID string
	Traceparent  string // W3C trace context: the trace is the execution
	Function     string // URN as the definition spells it
	Input        string // JSON text
	Timeout      time.Duration
	Async        bool
}

// Result is what came of a call: an output, a failure, or neither yet.
type Result struct {
	Output   string // not known to be JSON
	Failure  *Failure
	Deferred bool // the function has taken a call that is not Async, and what comes of it is reported later
}

// Failure says why a call failed. Name is one of the definition language's
// failure names.
type Failure struct {
	Name    string
	Message string
}
