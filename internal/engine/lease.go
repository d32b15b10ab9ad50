package engine

import (
	"context"
	"errors"
	"fmt"

	"heddle/internal/store"
)

// claim takes every shard of the store.
func (e *Engine) claim(ctx context.Context) error {
	leases := make([]store.Lease, e.store.Shards())
	for i := range leases {
		lease, err := e.acquire(ctx, store.Shard(i))
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

// acquire takes a shard as soon as the store is available. One that it may have
// taken already it takes again.
func (e *Engine) acquire(ctx context.Context, shard store.Shard) (store.Lease, error) {
	for {
		lease, err := e.store.Acquire(ctx, shard, e.cfg.Node, e.cfg.LeaseDuration)
		passing := errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrOutcomeUnknown)
		if !passing || MustStop(err) {
			return lease, err
		}
		e.complain(ctx, "claim shard", err)
		if !sleepUntil(ctx, later(lookAgain)) {
			return lease, err
		}
	}
}

// renew keeps the leases until ctx ends. An engine that has lost one must not
// go on; one that cannot renew them does, however long that is so: a lease that
// has run out and that nobody took is still its own.
func (e *Engine) renew(ctx context.Context) {
	pause := e.cfg.LeaseDuration / 3
	for e.reach.await(ctx, pause) {
		pause = e.cfg.LeaseDuration / 3
		err := e.renewAll(ctx)
		if ctx.Err() != nil {
			return
		}
		e.reach.renewed(err)
		if err != nil {
			e.complain(ctx, "renew lease", err)
			pause = min(pause, lookAgain)
		}
	}
}

// renewAll renews the leases up to the first that cannot be: the others would fare
// no better.
func (e *Engine) renewAll(ctx context.Context) error {
	for _, lease := range e.leased() {
		if err := e.store.Renew(ctx, lease, e.cfg.LeaseDuration); err != nil {
			return err
		}
	}
	return nil
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
