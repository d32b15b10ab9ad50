package intake

import (
	"context"
	"errors"
	"fmt"

	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/store"
	"heddle/internal/urn"
)

// The reasons for which a timer is not changed.
var (
	ErrTimerStarted = errors.New("the timer is started")
	ErrTimerStopped = errors.New("the timer is stopped")
	ErrTimerOver    = errors.New("the timer has no fire time left")
)

// Update lets a timer that is stopped be changed, and returns it as it is then.
// It returns ErrTimerStarted, or what change returns.
func (t *Timers) Update(ctx context.Context, u urn.Timer, change func(*store.Timer) error) (store.Timer, error) {
	return t.change(ctx, u, func(timer *store.Timer, at journal.Millis) error {
		if timer.Next != 0 {
			return ErrTimerStarted
		}
		timer.ModifiedAt = at
		return change(timer)
	})
}

// Start starts a timer, and returns it as it is then. It returns ErrTimerStarted
// or ErrTimerOver.
func (t *Timers) Start(ctx context.Context, u urn.Timer) (store.Timer, error) {
	started, err := t.change(ctx, u, Begin)
	if err == nil {
		t.alarm.Set(started.Next)
	}
	return started, err
}

// setBackMax is how far a clock is set back at most that was right before.
const setBackMax = journal.Millis(24 * 60 * 60 * 1000)

// Begin starts a timer at a moment, which sets it to its first fire time. A rate
// fires at once. An expression fires after that; and after the last fire time that
// has had its execution, where the clock has been set back since then.
func Begin(timer *store.Timer, at journal.Millis) error {
	if timer.Next != 0 {
		return ErrTimerStarted
	}
	timer.StartedAt, timer.Next = at, at
	if timer.Expression == "" {
		return nil
	}
	s, where, err := scheduleOf(*timer)
	if err != nil {
		return err
	}
	if timer.Fired > at && timer.Fired <= at+setBackMax {
		at = timer.Fired
	}
	next, ok := s.Next(moment(at, where))
	if !ok {
		return ErrTimerOver
	}
	timer.Next = millis(next)
	return nil
}

// Stop stops a timer, and returns when. It returns ErrTimerStopped if it was.
func (t *Timers) Stop(ctx context.Context, u urn.Timer) (stopped journal.Millis, err error) {
	_, err = t.change(ctx, u, func(timer *store.Timer, at journal.Millis) error {
		if timer.Next == 0 {
			return ErrTimerStopped
		}
		timer.Next, stopped = 0, at
		return nil
	})
	return stopped, err
}

// change changes a timer as it is stored. It may fire meanwhile, or be changed by
// others: then what it has become is looked at again.
func (t *Timers) change(ctx context.Context, u urn.Timer, change func(timer *store.Timer, at journal.Millis) error) (store.Timer, error) {
	for {
		timer, err := t.store.TimerByName(ctx, u.Project, u.Graph, u.Name)
		if err == nil {
			err = change(&timer, now())
		}
		if err == nil {
			err = t.store.ChangeTimer(ctx, timer)
		}
		switch {
		case err == nil:
			return timer, nil
		case errors.Is(err, store.ErrStale):
			continue
		case engine.MustStop(err), errors.Is(err, store.ErrOutcomeUnknown):
			t.alarm.Set(now()) // so that Run meets it too, or what may have become due
		}
		return store.Timer{}, fmt.Errorf("change timer %s: %w", u, err)
	}
}
