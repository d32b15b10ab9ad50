// Package queue carries out asynchronous invocations of stored functions: what
// it has taken is in the store, and is tried until it succeeds, has failed as
// often as it may, or has become too old. Each is tried at least once; one that
// was under way when the process died is tried again.
//
// The package knows neither HTTP nor how a function is called.
package queue

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"heddle/internal/alarm"
	"heddle/internal/function"
	"heddle/internal/function/catalog"
	"heddle/internal/journal"
	"heddle/internal/store"
)

// Config says how a queue works.
type Config struct {
	Node       string        // the name under which it holds what it carries out; no two that run have one name
	RunningMax int           // invocations carried out at a time, from 2
	WaitingMax int           // that wait for one function; more are refused with store.ErrFull
	Keep       time.Duration // for which what became of an invocation can be asked
}

// Functions are what is invoked.
type Functions interface {
	function.Invoker
	Function(ctx context.Context, name store.FunctionName) (catalog.Function, error)
	Qualified(ctx context.Context, f catalog.Function, qualifier string) (catalog.Version, error)
	Stored(project, urn string) (name store.FunctionName, qualifier string, ok bool)
	URN(name store.FunctionName, version string) string
	CallsMax(project, urn string) int
}

// Queue carries out asynchronous invocations while Run does.
type Queue struct {
	Functions
	cfg   Config
	store store.Invocations
	log   *slog.Logger

	alarm   *alarm.Alarm // rings when there may be something to claim
	settled chan settlement

	end func(error) // ends Run for a reason; set by Run before anybody uses it

	mu      sync.Mutex
	running map[store.FunctionID]int    // attempts under way here; guarded by mu
	held    map[store.InvocationID]bool // what they are of; guarded by mu
}

// settlement is what has become of an attempt; without an id, it was called off.
type settlement struct {
	store.Settlement
	of store.Claimed
}

// New returns a queue.
func New(cfg Config, functions Functions, st store.Invocations, log *slog.Logger) *Queue {
	return &Queue{
		Functions: functions, cfg: cfg, store: st, log: log,
		alarm:   alarm.New(),
		settled: make(chan settlement, cfg.RunningMax),
		running: map[store.FunctionID]int{},
		held:    map[store.InvocationID]bool{},
	}
}

// Invoke makes a call. One that is asynchronous, of a stored function, is taken
// instead.
func (q *Queue) Invoke(ctx context.Context, r function.Request) function.Result {
	if !r.Async {
		return q.Functions.Invoke(ctx, r)
	}
	name, qualifier, stored := q.Stored(r.Project, r.Function)
	if !stored {
		return q.Functions.Invoke(ctx, r)
	}
	f, err := q.Function(ctx, name)
	if err == nil {
		_, err = q.Add(ctx, f, qualifier, r.Input)
	}
	if err != nil {
		return refused(r, err)
	}
	return function.Result{}
}

// Add takes an invocation of a version or an alias of a function, with a JSON
// text as its event. It is stored when Add returns.
func (q *Queue) Add(ctx context.Context, f catalog.Function, qualifier, event string) (store.InvocationID, error) {
	if _, err := q.Qualified(ctx, f, qualifier); err != nil {
		return store.InvocationID{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return store.InvocationID{}, err
	}
	at := now()
	inv := store.Invocation{
		ID: store.InvocationID(id), Function: f.ID, Qualifier: qualifier, Event: event, CreatedAt: at, Due: at,
	}
	err = q.store.AddInvocation(ctx, inv, q.cfg.WaitingMax)
	q.alarm.Set(at) // also if it failed: it may be there
	if err != nil {
		return store.InvocationID{}, err
	}
	return inv.ID, nil
}

func now() journal.Millis { return journal.Millis(time.Now().UnixMilli()) }

func later(d time.Duration) journal.Millis { return journal.Millis(time.Now().Add(d).UnixMilli()) }
