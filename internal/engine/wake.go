package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"heddle/internal/alarm"
	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/store"
)

const (
	duePage       = 500         // due executions fetched at a time
	postersMax    = 64          // of them worked on at a time
	lookAgain     = time.Second // when to look again after a fault, or if what is due could not be worked on
	overdueLogged = 1000        // due executions found at once that are worth a log line
)

// keepTime wakes executions that are due, and sleeps until the next one is.
// First it takes up what was in hand when the store was used last.
func (e *Engine) keepTime(ctx context.Context) {
	for _, lease := range e.leased() {
		e.takeUp(ctx, lease.Shard)
	}
	for ctx.Err() == nil {
		e.alarm.Clear()
		if next := e.tryAside(); next != 0 {
			e.alarm.Set(next)
		}
		for _, lease := range e.leased() {
			if err := e.wakeDue(ctx, lease.Shard); errors.Is(err, store.ErrUnavailable) {
				break // the others would fare no better, and the alarm will ring soon
			}
		}
		e.alarm.Wait(ctx)
	}
}

// takeUp wakes what a shard has in hand, all of it: nobody looks for that again
// before the next start.
func (e *Engine) takeUp(ctx context.Context, shard store.Shard) {
	for {
		n, err := e.wakeAll(ctx, shard, nil, store.Now)
		if err == nil {
			if n > 0 {
				e.log.Info("took up executions that were in hand", "shard", shard, "count", n)
			}
			return
		}
		e.complain(ctx, "look for executions in hand", err)
		if !sleepUntil(ctx, later(lookAgain)) {
			return
		}
	}
}

// wakeDue wakes what is due in a shard and sets the alarm for what will be, or
// for another look after a fault.
func (e *Engine) wakeDue(ctx context.Context, shard store.Shard) error {
	after := AfterHand()
	n, err := e.wakeAll(ctx, shard, &after, store.Wake(now()))
	if n >= overdueLogged {
		e.log.Info("woke executions that were due", "shard", shard, "count", n)
	}
	next := store.Never
	if err == nil {
		next, err = e.store.NextWake(ctx, shard, store.Now)
	}
	if err != nil {
		e.complain(ctx, "look for due executions", err)
	}
	e.alarm.Set(NextLook(now(), next, err, e.anyAside()))
	return err
}

// AfterHand returns the cursor behind the executions whose Wake is Now: they
// are in memory, and the alarm is not for them.
func AfterHand() store.Due {
	return store.Due{Key: store.Key{Graph: math.MaxInt64}, Wake: store.Now}
}

// NextLook returns when to look again for what is due in a shard, after a look
// that found the next moment, or failed. Executions that are set aside stay
// due.
func NextLook(at journal.Millis, next store.Wake, err error, anyAside bool) journal.Millis {
	soon, latest := at+journal.Millis(lookAgain.Milliseconds()), at+journal.Millis(alarm.LookAtLatest.Milliseconds())
	switch {
	case err != nil, next != store.Never && journal.Millis(next) <= at && anyAside:
		return soon
	case next == store.Never:
		return latest
	}
	return min(journal.Millis(next), latest)
}

// wakeAll wakes the executions of a shard that are due, page by page, a few at
// a time, so that other work is not held up however many they are. It returns
// how many it woke.
func (e *Engine) wakeAll(ctx context.Context, shard store.Shard, after *store.Due, until store.Wake) (count int, err error) {
	for {
		page, err := e.store.Due(ctx, shard, until, after, duePage)
		if err != nil {
			return count, err
		}
		keys := make([]store.Key, 0, len(page))
		for _, due := range page {
			if !e.isAside(due.Key) {
				keys = append(keys, due.Key)
			}
		}
		count += len(keys)
		e.postAll(keys, machine.Tick{})
		if len(page) < duePage {
			return count, nil
		}
		after = &page[len(page)-1]
	}
}

// postAll brings an input to many executions, some at a time, so that their
// turns share commits.
func (e *Engine) postAll(keys []store.Key, in machine.Input) {
	var workers sync.WaitGroup
	slots := make(chan struct{}, postersMax)
	for _, key := range keys {
		slots <- struct{}{}
		workers.Go(func() {
			e.post(key, Message{Input: in})
			<-slots
		})
	}
	workers.Wait()
}

func later(d time.Duration) journal.Millis { return now() + journal.Millis(d.Milliseconds()) }

// complain logs a fault of a loop. The loop goes on, unless the engine must not.
func (e *Engine) complain(ctx context.Context, what string, err error) {
	switch {
	case MustStop(err):
		e.fail(fmt.Errorf("%s: %w", what, err))
	case ctx.Err() == nil || !errors.Is(err, ctx.Err()):
		e.log.Error(what, "error", err)
	}
}
