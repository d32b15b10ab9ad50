package queue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"heddle/internal/journal"
	"heddle/internal/store"
)

const (
	claimDuration = time.Minute      // for which a node that has died keeps what it was carrying out
	keepInterval  = 20 * time.Second // between two times that a node says it is alive
	lookAgain     = time.Second      // when to look again after a fault
	expireSteps   = 500              // invocations removed in one transaction
	expireEvery   = time.Minute
)

// Run carries out invocations until ctx ends, or until the store has stopped,
// which is its error. Those under way then are called off; the next Run under the
// node's name tries them again.
func (q *Queue) Run(ctx context.Context) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	q.end = end
	q.run(ctx)
	if err := context.Cause(ctx); errors.Is(err, store.ErrStopped) {
		return err
	}
	return nil
}

func (q *Queue) run(ctx context.Context) {
	// What the node had in hand when it ended last is nobody else's to take up.
	for !q.done(ctx, "take up invocations", q.takeUp) {
		if !sleep(ctx, lookAgain) {
			return
		}
	}
	var attempts, keepers sync.WaitGroup
	keeping, stop := context.WithCancel(context.WithoutCancel(ctx))
	keepers.Go(func() { q.settle(keeping) })
	keepers.Go(func() { q.keep(keeping) })
	keepers.Go(func() { q.expire(keeping) })
	for ctx.Err() == nil {
		q.alarm.Clear()
		q.fill(ctx, &attempts)
		q.alarm.Wait(ctx)
	}
	attempts.Wait()
	stop()
	keepers.Wait()
}

// takeUp has what the node has in hand wait for another try.
func (q *Queue) takeUp(ctx context.Context) error {
	n, err := q.store.ReleaseInvocations(ctx, q.cfg.Node, now())
	if n > 0 {
		q.log.Info("took up asynchronous invocations that were in hand", "count", n)
	}
	return err
}

// fill begins attempts as long as there are places and invocations that are due,
// and sets the alarm for the next that is.
func (q *Queue) fill(ctx context.Context, attempts *sync.WaitGroup) {
	for {
		free, busy := q.places()
		if free == 0 {
			return // whoever leaves a place sets the alarm
		}
		limit := min(free, q.share())
		claimed, err := q.store.ClaimInvocations(ctx, store.Claim{
			Node: q.cfg.Node, Now: now(), Until: later(claimDuration), Limit: limit, Except: busy,
		})
		for _, c := range claimed {
			q.enter(c)
			attempts.Go(func() { q.settled <- q.attempt(ctx, c) })
		}
		if err == nil && len(claimed) == limit {
			continue
		}
		next, ok := journal.Millis(0), false
		if err == nil {
			next, ok, err = q.store.NextInvocation(ctx, busy)
		}
		switch {
		case err != nil:
			q.complain(ctx, "look for what is due", err)
			q.alarm.Set(later(lookAgain))
		case ok:
			q.alarm.Set(next)
		}
		return
	}
}

// share is how many places are filled at once, and so how far one function may
// go beyond its half of them.
func (q *Queue) share() int { return max(1, q.cfg.RunningMax/8) }

// places returns how many more attempts may be under way, and the functions that
// have so many already that others come first.
func (q *Queue) places() (free int, busy []store.FunctionID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	free = q.cfg.RunningMax
	for _, id := range slices.Sorted(maps.Keys(q.running)) {
		n := q.running[id]
		if free -= n; n >= q.cfg.RunningMax/2 {
			busy = append(busy, id)
		}
	}
	return free, busy
}

func (q *Queue) enter(c store.Claimed) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held[c.ID] = true
	q.running[c.Function]++
}

func (q *Queue) leave(c store.Claimed) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.held, c.ID)
	if q.running[c.Function]--; q.running[c.Function] == 0 {
		delete(q.running, c.Function)
	}
}

// keep says that the node is alive and carries out what it does, until ctx ends.
// It says so of nothing else: what the node was given by a claim whose outcome it
// did not learn becomes due again.
func (q *Queue) keep(ctx context.Context) {
	for sleep(ctx, keepInterval) {
		q.mu.Lock()
		held := slices.Collect(maps.Keys(q.held))
		q.mu.Unlock()
		if len(held) > 0 {
			q.done(ctx, "keep invocations", func(ctx context.Context) error {
				return q.store.KeepInvocations(ctx, q.cfg.Node, held, later(claimDuration))
			})
		}
	}
}

// expire removes invocations whose end was long ago, until ctx ends.
func (q *Queue) expire(ctx context.Context) {
	for {
		more := true
		for more && q.done(ctx, "remove old invocations", func(ctx context.Context) (err error) {
			more, err = q.store.ExpireInvocations(ctx, later(-q.cfg.Keep), expireSteps)
			return err
		}) {
		}
		if !sleep(ctx, expireEvery) {
			return
		}
	}
}

// done reports whether a call on the store has succeeded, and complains if not.
func (q *Queue) done(ctx context.Context, what string, call func(context.Context) error) bool {
	err := call(ctx)
	if err != nil {
		q.complain(ctx, what, err)
	}
	return err == nil
}

// complain logs a fault of the store, unless the end of ctx is the reason. A store
// that has stopped ends Run.
func (q *Queue) complain(ctx context.Context, what string, err error) {
	if errors.Is(err, store.ErrStopped) {
		q.end(fmt.Errorf("%s: %w", what, err))
	}
	if ctx.Err() == nil || !errors.Is(err, ctx.Err()) {
		q.log.Warn("asynchronous invocations are held up", "what", what, "error", err)
	}
}

// sleep reports whether it has slept as long as it should.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
