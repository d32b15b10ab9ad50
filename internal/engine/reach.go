package engine

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"heddle/internal/store"
)

// reach is whether the store answers, as the renewal of the leases finds: a write
// that has to come through in any case.
type reach struct {
	fault  atomic.Pointer[error] // of the last renewal; nil if it came through
	doubts chan struct{}         // has a token if somebody doubts that it still would
}

func newReach() reach { return reach{doubts: make(chan struct{}, 1)} }

// doubt has the next renewal come soon.
func (r *reach) doubt() {
	select {
	case r.doubts <- struct{}{}:
	default:
	}
}

// err returns store.ErrUnavailable if the store did not answer the last time.
func (r *reach) err() error {
	if fault := r.fault.Load(); fault != nil {
		return *fault
	}
	return nil
}

// renewed notes what has become of a renewal.
func (r *reach) renewed(err error) {
	switch {
	case err == nil:
		r.fault.Store(nil)
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, store.ErrOutcomeUnknown):
		err = errors.Join(store.ErrUnavailable, err)
		r.fault.Store(&err)
	}
}

// await waits until a renewal is due: after the pause, or sooner if somebody
// doubts, but not within a moment of the last. It reports whether ctx has not ended.
func (r *reach) await(ctx context.Context, pause time.Duration) bool {
	moment := min(pause, lookAgain)
	if !sleepUntil(ctx, later(moment)) {
		return false
	}
	timer := time.NewTimer(pause - moment)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.doubts:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}
