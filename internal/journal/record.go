// Package journal defines the records of which an execution's journal is made,
// and the bytes in which they are stored.
//
// A journal is the truth about one execution: a sequence of records numbered
// from 1 without a gap, an ExecutionStarted first and at most one
// ExecutionEnded last. History, state map and the machine's progress are all
// folds of it.
//
// Payloads (inputs and outputs) are JSON texts held as strings, kept byte for
// byte as they came. Times are Unix milliseconds, UTC.
//
// The package knows nothing of definitions, stores or clocks.
package journal

// Seq numbers the records of one execution from 1.
type Seq uint64

// Millis is a moment, in milliseconds since 1970, UTC.
type Millis int64

// Status says how an execution, a state or an action stands. The words are
// those of the published API.
type Status string

// The statuses of an execution, a state or an action.
const (
	Running Status = "RUNNING"
	Success Status = "SUCCESS"
	Failed  Status = "FAILED"
	Aborted Status = "ABORTED"
	Timeout Status = "TIMEOUT"
)

// Failure says why an attempt of an action failed, or what came of an event. It is
// data and not a Go error.
type Failure struct {
	Name    string // States.ActionFailed and so on: what a result rule matches
	Code    string // FGS.2011 and so on
	Message string // for a person
}

// Record is one entry of a journal.
type Record interface {
	kind() kind
}

// ExecutionStarted is the first record of every journal.
type ExecutionStarted struct {
	At    Millis
	Name  string // the execution's name, chosen by its starter
	Input string // JSON text
}

// StateEntered says that the execution entered a state.
type StateEntered struct {
	At    Millis
	State string
	Input string // JSON text: the output of the state before
	Due   Millis // when the state ends by itself (DELAY, EVENT with a timeout); 0 if never
}

// ActionStarted says that an attempt of an action began. It is on disk before
// the function is called.
type ActionStarted struct {
	At      Millis
	Action  string
	Branch  int    // which action of the state, or which element of dynamic-extend, from 0
	Attempt int    // from 1
	Input   string // JSON text
}

// ActionDeferred says that the function of an attempt has taken its input, and
// reports the result later. It is not called again for this attempt.
type ActionDeferred struct {
	At      Millis
	Action  string
	Branch  int
	Attempt int
	Due     Millis // when the attempt ends without a result
}

// ActionEnded says how an attempt ended. RetryAt is set where a result rule
// asks for another attempt.
type ActionEnded struct {
	At      Millis
	Action  string
	Branch  int
	Attempt int
	Status  Status
	Output  string // JSON text, filtered by the action's payload-filter; "" if there is none
	Failure *Failure
	Rule    int    // with RetryAt: the index of the result rule that was used
	RetryAt Millis // when the next attempt begins; 0 if there is none
}

// StateExited says how the state that was entered last ended. The output of a
// state that failed is an object with the member "error".
type StateExited struct {
	At     Millis
	State  string
	Status Status
	Output string // JSON text; "" if there is none
	Next   string // the state that is entered next, with the output as its input; "" if there is none
}

// ExecutionEnded is the last record of a journal. The output of an execution
// that failed is an object with the member "error".
type ExecutionEnded struct {
	At     Millis
	Status Status
	Output string // JSON text; "" if there is none
}

// EventReceived says that an event came in. It is kept until a state takes it.
type EventReceived struct {
	At      Millis
	Event   string // its name in the definition
	ID      string // tells it from others
	Number  uint64 // its place among all events that were accepted, so that it is received once; 0 if it was sent to this execution
	Direct  bool   // it was sent to the state that waits now: no later one gets it
	Asks    bool   // its sender waits for an answer
	Payload string // JSON text; "" if it has none of its own, and the state's input stands in
}

// EventDropped says that the oldest kept event of a name went, since too many
// were kept.
type EventDropped struct {
	At    Millis
	Event string
	ID    string
}

// EventTaken says that the state took what it waits for. Of each event, the
// oldest that was kept is taken.
type EventTaken struct {
	At     Millis
	Member int // of the state's events, from 0
	Events []string
}

// EventAnswered says what an event's sender, who waits, gets back: a response
// or a failure.
type EventAnswered struct {
	At       Millis
	ID       string // of the event
	Response string // JSON text; "" with a failure
	Failure  *Failure
}
