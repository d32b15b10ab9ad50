package engine

import (
	"context"
	"time"

	"heddle/internal/machine"
	"heddle/internal/store"
)

const (
	purgeStep     = 200                   // executions removed in one transaction
	purgePause    = 20 * time.Millisecond // between two steps, so that other work gets its turn
	purgeInterval = 10 * time.Minute      // between two looks for what has expired
)

// purge removes what deleted graphs have left and what has expired, in small
// steps: at once, whenever a graph is deleted, and now and then.
func (e *Engine) purge(ctx context.Context) {
	for ctx.Err() == nil {
		more, err := e.store.Purge(ctx, now(), purgeStep)
		if err != nil {
			e.complain(ctx, "remove what is deleted", e.admit(err))
			more = false
		}
		pause := purgeInterval
		if more {
			pause = purgePause
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-e.purgeable:
		case <-ctx.Done():
		}
		timer.Stop()
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
