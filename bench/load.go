package main

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// load is a closed loop: each client makes its next call when the one before
// is done. It ends when its time is over or its calls are made.
type load struct {
	clients  int
	duration time.Duration // no call begins after it
	calls    int64         // at most so many; 0: as many as the time allows
}

// caller is what one client of a load does.
type caller interface {
	// call makes one call; number tells it from all others.
	call(ctx context.Context, number int64) (sample, error)
	// settle returns when what the latest call began has come to its end.
	settle(ctx context.Context) error
}

// sample is how long one call took.
type sample struct {
	answer time.Duration // until the call was answered
	end    time.Duration // until what it began had ended; 0 if that was not observed
}

// tally is what came of a load.
type tally struct {
	calls   int64
	elapsed time.Duration // until all clients had settled
	answers []time.Duration
	ends    []time.Duration
}

// patience is how long a load may go on after its time: for the last calls.
const patience = 30 * time.Second

// numbers gives each call of this process a number of its own, from 1.
var numbers atomic.Int64

// drive runs the load. It returns the first error of any client.
func (l load) drive(ctx context.Context, newCaller func(i int) (caller, error)) (tally, error) {
	callers := make([]caller, l.clients)
	for i := range callers {
		var err error
		if callers[i], err = newCaller(i); err != nil {
			return tally{}, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, l.duration+patience)
	defer cancel()
	var made atomic.Int64
	began := time.Now()
	tallies := make([]tally, l.clients)
	errs := make([]error, l.clients)
	var group sync.WaitGroup
	for i, c := range callers {
		group.Go(func() {
			if tallies[i], errs[i] = l.loop(ctx, c, began, &made); errs[i] != nil {
				cancel()
			}
		})
	}
	group.Wait()
	return sum(tallies, time.Since(began)), firstCause(errs)
}

// loop is the work of one client.
func (l load) loop(ctx context.Context, c caller, began time.Time, made *atomic.Int64) (tally, error) {
	var t tally
	for time.Since(began) < l.duration && (l.calls == 0 || made.Add(1) <= l.calls) {
		s, err := c.call(ctx, numbers.Add(1))
		if err != nil {
			return t, err
		}
		t.calls++
		t.answers = append(t.answers, s.answer)
		if s.end > 0 {
			t.ends = append(t.ends, s.end)
		}
	}
	if t.calls == 0 {
		return t, nil
	}
	return t, c.settle(ctx)
}

func sum(tallies []tally, elapsed time.Duration) tally {
	total := tally{elapsed: elapsed}
	for _, t := range tallies {
		total.calls += t.calls
		total.answers = append(total.answers, t.answers...)
		total.ends = append(total.ends, t.ends...)
	}
	return total
}

// firstCause returns the first error that is not merely the end of a context
// that another error brought about.
func firstCause(errs []error) error {
	var ended error
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
		if err != nil {
			ended = err
		}
	}
	return ended
}
