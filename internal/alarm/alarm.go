// Package alarm wakes one goroutine at the earliest of the moments that others
// set. It knows nothing of what is due then.
package alarm

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"heddle/internal/journal"
)

// LookAtLatest is how long the goroutine sleeps at most: wall clocks may be set.
const LookAtLatest = 5 * time.Minute

// Alarm is set to the earliest moment at which something is due, by whoever
// makes that so, and rings for the one goroutine that keeps time.
type Alarm struct {
	next    atomic.Int64  // journal.Millis
	earlier chan struct{} // has a token if next was lowered
}

// New returns an alarm that is not set.
func New() *Alarm {
	a := &Alarm{earlier: make(chan struct{}, 1)}
	a.Clear()
	return a
}

// Clear forgets the time. It comes before a look at what is due, so that a time
// that is set during the look is kept.
func (a *Alarm) Clear() { a.next.Store(math.MaxInt64) }

// Set makes the alarm ring at the given moment, unless it rings before.
func (a *Alarm) Set(at journal.Millis) {
	for {
		next := a.next.Load()
		if int64(at) >= next {
			return
		}
		if a.next.CompareAndSwap(next, int64(at)) {
			select {
			case a.earlier <- struct{}{}:
			default:
			}
			return
		}
	}
}

// Wait returns when the alarm rings, when it is time to look in any case, or
// when ctx ends.
func (a *Alarm) Wait(ctx context.Context) {
	for {
		now := journal.Millis(time.Now().UnixMilli())
		timer := time.NewTimer(SleepFor(now, journal.Millis(a.next.Load())))
		select {
		case <-timer.C:
			return
		case <-ctx.Done():
			timer.Stop()
			return
		case <-a.earlier:
			timer.Stop()
		}
	}
}

// SleepFor returns how long to sleep at a moment until another. It is never
// longer than LookAtLatest: if the clock has been set back, what was near is far
// away, and it may be near again as soon as the clock is set right.
func SleepFor(at, until journal.Millis) time.Duration {
	return time.Duration(min(until-at, journal.Millis(LookAtLatest.Milliseconds()))) * time.Millisecond
}
