package audit

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"heddle/internal/journal"
)

// Store is where the log is kept.
type Store interface {
	// Audit enters entries at the end of the log, all or none, and returns when the
	// records are on stable storage.
	Audit(ctx context.Context, entries []Entry) ([]Record, error)
}

// The bounds of what is entered of refusals in a minute: from one sender, and in
// all. One sender does not hide another, and leaves some megabytes a day; all
// together leave a hundred, if they send the longest texts.
const (
	refusalsMaxOfOne = 10
	refusalsMax      = 60
	sendersMax       = 10_000 // that are told apart in a minute
)

// storeTimeout is how long it may take to enter something: the end of a deed has
// been, so nobody is served by giving up early.
const storeTimeout = 10 * time.Second

// Log enters what is done.
type Log struct {
	queue *queue
	log   *slog.Logger

	mu      sync.Mutex
	minute  int64          // guarded by mu
	senders map[string]int // how many refusals of each were entered in the minute; guarded by mu
	entered int            // how many in all; guarded by mu
	left    int64          // refusals that were not entered; guarded by mu
}

// NewLog returns a log that is kept in a store.
func NewLog(st Store, log *slog.Logger) *Log {
	return &Log{queue: newQueue(st), log: log, senders: map[string]int{}}
}

// Run enters every minute how many refusals were not entered, until ctx ends.
func (l *Log) Run(ctx context.Context) error {
	ticks := time.NewTicker(time.Minute)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
			l.enterLeft(ctx)
		case <-ctx.Done():
			l.enterLeft(context.WithoutCancel(ctx))
			return nil
		}
	}
}

// Deed is what is being done.
type Deed struct {
	log   *Log
	asked Record
}

// Begin enters a deed that is about to be done. If it returns an error, the deed
// must not be done.
func (l *Log) Begin(ctx context.Context, e Entry) (*Deed, error) {
	e = e.clean(textMax)
	e.At, e.Stage = now(), Asked
	asked, err := l.queue.enter(ctx, e)
	if err != nil {
		return nil, fmt.Errorf("enter into the audit log: %w", err)
	}
	return &Deed{l, asked}, nil
}

// Result is what has become of a deed.
type Result struct {
	Object string // what it was about, if that is known better by now; else ""
	Detail string
	Status int
	Code   string
}

// End enters what has become of the deed.
func (d *Deed) End(ctx context.Context, r Result) {
	e := d.asked.Entry
	e.At, e.Stage, e.Of = now(), Done, d.asked.Number
	e.Object, e.Detail, e.Status, e.Code = cmp.Or(r.Object, e.Object), r.Detail, r.Status, r.Code
	e = e.clean(textMax)
	if _, err := d.log.queue.enter(context.WithoutCancel(ctx), e); err != nil {
		// That it was asked for is entered; this line has what became of it.
		d.log.log.Error("enter into the audit log", "request", e.Request, "action", e.Action, "of", e.Of, "status", e.Status, "code", e.Code, "error", err)
	}
}

// Enter enters a deed that has been done: one that only its success makes worth an
// entry. If it returns an error, the answer must not be given that the deed was
// done for.
func (l *Log) Enter(ctx context.Context, e Entry) error {
	e = e.clean(textMax)
	e.At, e.Stage = now(), Done
	_, err := l.queue.enter(ctx, e)
	if err != nil {
		return fmt.Errorf("enter into the audit log: %w", err)
	}
	return nil
}

// Refuse enters that somebody was not let in, if not too many were. The sender is
// what is counted by.
func (l *Log) Refuse(ctx context.Context, sender string, e Entry) {
	left, enter := l.count(sender)
	if !enter {
		return
	}
	e = e.clean(textMaxRefused)
	e.At, e.Stage, e.Left = now(), Refused, left
	if _, err := l.queue.enter(context.WithoutCancel(ctx), e); err != nil {
		l.giveBack(1 + left)
		l.log.Error("enter into the audit log", "request", e.Request, "stage", e.Stage, "status", e.Status, "code", e.Code, "error", err)
	}
}

// count counts a refusal, and reports whether it is to be entered, with how many
// that were not.
func (l *Log) count(sender string) (left int64, enter bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if minute := time.Now().Unix() / 60; minute != l.minute {
		l.minute, l.entered = minute, 0
		clear(l.senders)
	}
	_, known := l.senders[sender]
	if !known && len(l.senders) >= sendersMax || l.senders[sender] >= refusalsMaxOfOne || l.entered >= refusalsMax {
		l.left++
		return 0, false
	}
	l.senders[sender]++
	l.entered++
	left, l.left = l.left, 0
	return left, true
}

func (l *Log) giveBack(left int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left += left
}

// enterLeft enters how many refusals were not entered, if any.
func (l *Log) enterLeft(ctx context.Context) {
	l.mu.Lock()
	left := l.left
	l.left = 0
	l.mu.Unlock()
	if left == 0 {
		return
	}
	if _, err := l.queue.enter(ctx, Entry{At: now(), Stage: Refused, Left: left}); err != nil {
		l.giveBack(left)
		l.log.Error("enter into the audit log", "left", left, "error", err)
	}
}

func now() journal.Millis { return journal.Millis(time.Now().UnixMilli()) }
