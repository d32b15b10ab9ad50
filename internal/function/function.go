// Package function knows the functions that graphs call, and carries out one
// call of one of them: it finds the function by its URN, hands it the input,
// waits for the answer no longer than it may, and gives whatever went wrong the
// failure name that the definition language has for it.
//
// Functions are of kinds, and each kind is an Invoker. There is one so far:
// HTTP endpoints, declared in the configuration.
//
// The package knows of an execution only the names that a call carries. It does
// not judge outputs, does not repeat what failed, and keeps nothing.
package function

import (
	"context"
	"time"
)

// Request is one try of one attempt of an action.
type Request struct {
	Function     string        // URN, in any of its spellings
	Project      string        // whose functions may be called
	Input        string        // JSON text
	Timeout      time.Duration // from connecting to the last byte of the answer; above 0
	Async        bool          // hand the call over, do not wait for the answer
	InvocationID string        // ASCII; the same for every try of one attempt
	Execution    string        // URN
	State        string
	Action       string
	Attempt      int
	Traceparent  string // ASCII; none is sent if it is empty
	CallbackURL  string // at which an HTTP function may report its result later; if empty, it may not
}

// Result is what came of a call: an output, a failure, or neither yet.
type Result struct {
	Output   string // as the function gave it; perhaps not JSON
	Failure  *Failure
	Deferred bool // the function reports its result at the CallbackURL
	Usage    Usage
}

// Usage is what is known about a call beside its result. A function elsewhere
// leaves it empty.
type Usage struct {
	Log       string        // the last LogTailBytes, at most, of what the call wrote to its log
	Duration  time.Duration // that the function itself took
	Memory    int64         // bytes that its instance held at most
	MemoryMax int           // MiB that it may hold; 0 if that is not known
}

// LogTailBytes is how much of a call's log comes back with its result.
const LogTailBytes = 4 << 10

// Failure says why a call failed. Its texts are for the person whose execution
// it is, and hold no header, no credential and no query of a URL.
type Failure struct {
	Name    string // one of the failure names below
	Message string
	// What an error that the function's own code raised has beside its message.
	// Thrown tells such a failure from one of whatever carries functions out.
	Thrown bool
	Type   string // TypeError, ValueError and so on
	Stack  string // lines, without the type and the message; "" if there is none
}

// The failure names of the definition language.
const (
	ActionFailed             = "States.ActionFailed"
	PermissionError          = "States.PermissionError"
	ParameterError           = "States.ParameterError"
	NotFound                 = "States.NotFound"
	TooManyRequests          = "States.TooManyRequests"
	FunctionStageUnavailable = "States.FunctionStageUnavailable"
	FunctionStageOtherErrors = "States.FunctionStageOtherErrors"
	Timeout                  = "States.Timeout"
)

// Invoker carries out calls: a Registry those of all its functions, and behind
// it each function those of its own.
type Invoker interface {
	// Invoke calls and waits for the result, at most for the request's timeout.
	// An asynchronous call returns, without an output, once the function has been
	// handed the request. Invoke returns soon after ctx ends; such a result says
	// nothing about the function.
	Invoke(ctx context.Context, r Request) Result
}
