package engine

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"heddle/internal/journal"
)

// alarm is set to the earliest moment at which a waiting execution is due, by
// every turn that makes one wait, and rings for the one goroutine that keeps
// time.
type alarm struct {
	next    atomic.Int64  // journal.Millis
	earlier chan struct{} // has a token if next was lowered
}

func newAlarm() *alarm {
	a := &alarm{earlier: make(chan struct{}, 1)}
	a.clear()
	return a
}

// clear forgets the time. It comes before a look at the store, so that a time
// that is set during the look is kept.
func (a *alarm) clear() { a.next.Store(math.MaxInt64) }

// set makes the alarm ring at the given moment, unless it rings before.
func (a *alarm) set(at journal.Millis) {
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

// wait returns when the alarm rings, when it is time to look in any case, or
// when ctx ends.
func (a *alarm) wait(ctx context.Context) {
	for {
		timer := time.NewTimer(SleepFor(now(), journal.Millis(a.next.Load())))
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
