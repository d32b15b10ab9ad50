package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"heddle/internal/store"
)

// claim takes every shard of the store.
func (e *Engine) claim(ctx context.Context) error {
	leases := make([]store.Lease, e.store.Shards())
	for i := range leases {
		lease, err := e.store.Acquire(ctx, store.Shard(i), e.cfg.Node, e.cfg.LeaseDuration)
		if err != nil {
			return fmt.Errorf("claim shard %d of the store: %w", i, err)
		}
		leases[i] = lease
	}
	e.mu.Lock()
	e.leases = leases
	e.mu.Unlock()
	return nil
}

// renew keeps the leases until ctx ends. An engine that has lost one must not
// go on.
func (e *Engine) renew(ctx context.Context) {
	tick := time.NewTicker(e.cfg.LeaseDuration / 3)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		for _, lease := range e.leased() {
			err := e.store.Renew(ctx, lease, e.cfg.LeaseDuration)
			switch {
			case errors.Is(err, store.ErrFenced), errors.Is(err, store.ErrOutcomeUnknown):
				e.fail(fmt.Errorf("renew lease: %w", err))
				return
			case err != nil:
				e.complain(ctx, "renew lease", err)
			}
		}
	}
}

// release gives the leases back, so that the next owner need not wait.
func (e *Engine) release() {
	for _, lease := range e.leased() {
		if err := e.store.Release(context.Background(), lease); err != nil {
			e.log.Warn("release lease", "error", err)
		}
	}
}

func (e *Engine) leased() []store.Lease {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.leases
}

// leaseOf returns the lease that covers an execution.
func (e *Engine) leaseOf(id store.ExecutionID) store.Lease {
	leases := e.leased()
	return leases[int(id[len(id)-1])%len(leases)]
}
