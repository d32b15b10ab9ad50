// Package engine runs executions. It claims the shards of a store, loads
// executions, asks the machine what follows from what happened, commits that,
// and only then carries it out: it calls functions, waits for the time that a
// state is due, and answers whoever started or stopped an execution.
//
// It decides nothing about graphs (the machine does) and knows no SQL and no
// HTTP: functions are called through its own small interface.
package engine

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"heddle/internal/definition"
	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/store"
	"heddle/internal/urn"
)

// Config says how an engine works.
type Config struct {
	Region        string         // of the URNs it makes
	Node          string         // name under which it holds leases
	LeaseDuration time.Duration  // how long a lease lasts unless renewed; renewed at a third of it
	Machine       machine.Limits // of every execution
	OpenMax       int            // executions held in memory at once; a start beyond is refused
	QueueMax      int            // turns that wait to be committed; a start beyond is refused
	CallsMax      int            // calls of functions in flight
}

// The refusals of the engine's own. Besides them its methods return the
// store's errors.
var (
	ErrOverloaded = errors.New("the engine is overloaded")                // nothing happened; try later
	ErrDraining   = errors.New("the engine is starting or shutting down") // nothing happened; try later
	ErrEnded      = errors.New("the execution has already ended")
	ErrKeyReused  = errors.New("the idempotency key was used for another request")
)

// StartRequest asks for one run of a graph.
type StartRequest struct {
	Project        string
	Graph          string // name
	Name           string // of the execution; names may repeat
	Input          string // JSON text, known to be valid
	Test           bool   // started by test_start
	IdempotencyKey string // empty: every call starts an execution
}

// Started is what a start made.
type Started struct {
	URN urn.Execution
	At  journal.Millis
}

// Invoker carries out one call of a function.
type Invoker interface {
	// Invoke calls and waits for the result, at most for the call's timeout. A
	// call with Async set returns once the request has been handed over. It
	// returns soon after ctx ends.
	Invoke(ctx context.Context, call Call) Result
}

// Call is one try of one attempt of an action. A try that was cut off is
// repeated under the same InvocationID.
type Call struct {
	Project      string
	Execution    urn.Execution
	State        string
	Action       string
	Attempt      int
	InvocationID string
	Traceparent  string
	Function     string // URN as the definition spells it
	Input        string // JSON text
	Timeout      time.Duration
	Async        bool
}

// Result is what came of a call: an output, or a failure with its name.
type Result struct {
	Output  string
	Failure *Failure
}

// Failure says why a call failed. Name is one of the definition's failure names.
type Failure struct {
	Name    string
	Message string
}

// Engine runs the executions of a store.
type Engine struct{}

// New returns an engine that does nothing until Run.
func New(cfg Config, st store.Store, functions Invoker, log *slog.Logger) (*Engine, error) {
	panic("not written yet")
}

// Run claims the store, goes on with what was left, and works until ctx ends;
// then it finishes the turns in hand, gives the leases back and returns nil.
// It returns an error if it must not go on: the outcome of a commit is
// unknown, or another node took over.
func (e *Engine) Run(ctx context.Context) error { panic("not written yet") }

// Drain refuses new starts from now on.
func (e *Engine) Drain() { panic("not written yet") }

// Ready returns nil if the engine can take work, or why it cannot.
func (e *Engine) Ready() error { panic("not written yet") }

// CreateGraph stores a new graph. It returns store.ErrExists if the project
// has one of that name.
func (e *Engine) CreateGraph(ctx context.Context, project, name, description string, d *definition.Definition) (store.Graph, error) {
	panic("not written yet")
}

// UpdateGraph gives a graph a new definition. Executions that run keep theirs.
func (e *Engine) UpdateGraph(ctx context.Context, project, name string, d *definition.Definition) (store.Graph, error) {
	panic("not written yet")
}

// DeleteGraph stops a graph's executions and deletes it with all of them.
func (e *Engine) DeleteGraph(ctx context.Context, project, name string) error {
	panic("not written yet")
}

// Start begins an execution and returns when it is recorded. With an
// idempotency key that was used before it returns what the first start made,
// or ErrKeyReused if that asked for something else.
func (e *Engine) Start(ctx context.Context, req StartRequest) (Started, error) {
	panic("not written yet")
}

// Stop ends an execution as ABORTED and returns when that is recorded. It
// returns ErrEnded if the execution has ended before.
func (e *Engine) Stop(ctx context.Context, key store.Key) (journal.Millis, error) {
	panic("not written yet")
}

// Await returns when the execution's journal is longer than after, or ctx ends.
func (e *Engine) Await(ctx context.Context, key store.Key, after journal.Seq) {
	panic("not written yet")
}
