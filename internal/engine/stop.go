package engine

import (
	"context"
	"fmt"

	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/store"
)

// Stop ends an execution as ABORTED and returns when that is recorded, with
// the time of it. It returns ErrEnded if the execution has ended before, and
// store.ErrNotFound if there is none. Calls in flight are cut off.
func (e *Engine) Stop(ctx context.Context, key store.Key) (journal.Millis, error) {
	if e.state.Load() == phaseNew {
		return 0, ErrDraining
	}
	answered := make(chan error, 1)
	e.work.Go(func() { e.post(key, Message{Input: machine.Stop{}, Reply: func(r Reply) { answered <- r.Err }}) })
	select {
	case err := <-answered:
		if err != nil {
			return 0, fmt.Errorf("stop execution: %w", err)
		}
	case <-ctx.Done():
		return 0, fmt.Errorf("stop execution: %w: %w", store.ErrOutcomeUnknown, ctx.Err())
	}
	head, _, err := e.store.Load(ctx, key)
	if err != nil { // it is done, and so must not seem to be refused
		return 0, fmt.Errorf("stop execution: %w: read when it ended: %v", store.ErrOutcomeUnknown, err)
	}
	return head.StoppedAt, nil
}
