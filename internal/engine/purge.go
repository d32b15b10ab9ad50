package engine

import (
	"context"
	"time"

	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/store"
)

const (
	purgeStep     = 200                   // executions of deleted graphs removed in one transaction
	expireStep    = 100                   // old executions looked at in one step; starts wait while they are removed
	purgePause    = 20 * time.Millisecond // between two steps at least, so that other work gets its turn
	purgeShare    = 10                    // of the time a step takes, so many times that much passes until the next
	purgeInterval = 10 * time.Minute      // between two looks for what has expired
)

// purge removes what deleted graphs have left and what has expired, in small
// steps: at once, whenever a graph is deleted, and now and then.
func (e *Engine) purge(ctx context.Context) {
	for ctx.Err() == nil {
		e.purgeDeleted(ctx)
		if e.cfg.Retention > 0 {
			e.purgeEnded(ctx)
		}
		timer := time.NewTimer(purgeInterval)
		select {
		case <-timer.C:
		case <-e.purgeable:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// purgeDeleted removes what deleted graphs have left, and expired idempotency keys.
func (e *Engine) purgeDeleted(ctx context.Context) {
	e.inSteps(ctx, "remove what is deleted", func() (more bool, err error) {
		return e.store.Purge(ctx, now(), purgeStep)
	})
}

// purgeEnded removes executions that ended longer ago than they are kept. Those
// that get as old meanwhile are left to the next pass, so that this one ends. What
// an event in the inbox may have started stays: that it is there is how a second
// start is known.
func (e *Engine) purgeEnded(ctx context.Context) {
	endedBefore := now() - journal.Millis(e.cfg.Retention.Milliseconds())
	oldest, err := e.store.OldestEvent(ctx)
	if err != nil {
		e.complain(ctx, "look for the oldest event", err)
		return
	}
	if oldest != 0 {
		endedBefore = min(endedBefore, oldest)
	}
	var next *store.Key
	e.inSteps(ctx, "remove what ended long ago", func() (more bool, err error) {
		next, err = e.store.Expire(ctx, endedBefore, next, expireStep)
		return next != nil, err
	})
}

// inSteps takes steps until there are no more, or one fails.
func (e *Engine) inSteps(ctx context.Context, what string, step func() (more bool, err error)) {
	for {
		began := time.Now()
		more, err := step()
		if err != nil {
			e.complain(ctx, what, err)
			return
		}
		// Under load a step takes longer, and then there are fewer of them.
		if !more || !sleepUntil(ctx, later(max(purgePause, purgeShare*time.Since(began)))) {
			return
		}
	}
}

func (e *Engine) purgeSoon() {
	select {
	case e.purgeable <- struct{}{}:
	default:
	}
}

// cutOffAll ends the calls of a deleted graph's executions. Each notices by
// itself, on its next look at the store, that the graph is gone.
func (e *Engine) cutOffAll(id store.GraphID) {
	e.mu.Lock()
	var keys []store.Key
	for key := range e.running {
		if key.Graph == id {
			keys = append(keys, key)
		}
	}
	e.mu.Unlock()
	e.postAll(keys, machine.Stop{})
}
