package store

import (
	"context"
	"errors"

	"heddle/internal/journal"
)

// The errors of timers on which callers branch.
var (
	ErrTooMany = errors.New("there are too many")
	ErrNotDue  = errors.New("the timer is not due any more") // it was changed, or has fired
)

// TimerID names a timer inside the store. It is never used again.
type TimerID int64

// Timer is a timer of a graph, as stored. What its schedule says is not known
// here.
type Timer struct {
	ID          TimerID
	Revision    int64 // counts what has become of it, from 1
	Graph       GraphID
	Name        string // unique on the graph
	Description string
	Expression  string // "" if it fires at a fixed rate
	Unit        string // of the rate, else ""
	Interval    int    // of the rate, else 0
	Zone        string // in which the expression holds
	Misfire     string // what becomes of missed fire times
	CreatedAt   journal.Millis
	ModifiedAt  journal.Millis
	StartedAt   journal.Millis // when it was started last, or 0
	Next        journal.Millis // when it fires next; 0 while it is stopped
	Fired       journal.Millis // the last fire time for which an execution was started, or 0

	// Known to the store, and set in what it returns.
	Project   string
	GraphName string
}

// Tick deals with fire times of a timer, if nothing has become of it since it had
// the revision.
type Tick struct {
	Timer    TimerID
	Revision int64
	Fires    journal.Millis // the fire time for which an execution is started; 0 if none is
	Next     journal.Millis // when the timer fires next; 0 stops it
}

// Timers keeps the timers of graphs. They go with their graph.
type Timers interface {
	// CreateTimer stores a timer. It returns ErrNotFound if its graph is deleted,
	// ErrExists if the graph has a timer of that name, and ErrTooMany if it has
	// max timers.
	CreateTimer(ctx context.Context, t Timer, max int) (TimerID, error)
	// ChangeTimer puts a timer in the place of the one with its id, all but what
	// names it and when it was created. It returns ErrNotFound if there is none,
	// and ErrStale if its revision is another one.
	ChangeTimer(ctx context.Context, t Timer) error
	// DeleteTimer removes a timer, or returns ErrNotFound.
	DeleteTimer(ctx context.Context, id TimerID) error
	// TimerByName returns the timer of that name on the project's graph of that name.
	TimerByName(ctx context.Context, project, graph, name string) (Timer, error)
	// TimersOf returns the timers of a graph, the oldest first, or ErrNotFound if
	// the graph is deleted.
	TimersOf(ctx context.Context, graph GraphID) ([]Timer, error)
	// DueTimers returns up to limit timers whose Next is at or before until, but
	// not 0, in the order of Next and ID, beginning after the given one (nil: from
	// the first).
	DueTimers(ctx context.Context, until journal.Millis, after *Timer, limit int) ([]Timer, error)
	// NextTimer returns the smallest Next that is not 0, or 0 if there is none.
	NextTimer(ctx context.Context) (journal.Millis, error)
	// SkipTimers carries ticks out that start nothing. A timer of which something
	// has become is left alone. Journal.Commit carries out those that do.
	SkipTimers(ctx context.Context, ticks []Tick) error
}
