package engine_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/engine"
	"heddle/internal/store"
)

// A stop that cannot be stored is refused, and the execution goes on as if
// nobody had asked: its call is not cut off.
func TestAStopThatAnUnavailableStoreRefusesChangesNothing(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", one)
		r.calls.answer = slow(5 * time.Second)
		key := r.start("1")
		r.fault.Store(&commitFault{before: store.ErrUnavailable})
		if _, err := r.Stop(context.Background(), key); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("stop: got %v, want ErrUnavailable", err)
		}
		r.fault.Store(nil)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		r.end(key)
		if ids := r.calls.ids(); len(ids) != 1 || r.calls.cutOff != 0 {
			t.Errorf("the calls were %v, %d of them cut off; want one that ends", ids, r.calls.cutOff)
		}
	})
}

// What was in hand is taken up also if the store is unavailable at first.
func TestAnEngineTakesUpWhatWasInHandOnceTheStoreIsAvailable(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", one)
		r.calls.answer = hang
		key := r.start("1")
		synctest.Wait()
		if err := r.halt(); err != nil {
			t.Fatal(err)
		}
		r.calls.answer = nil
		var failing atomic.Bool
		failing.Store(true)
		r.store.Faults.Before = func(method string) error {
			if failing.Load() && method == "Due" {
				return store.ErrUnavailable
			}
			return nil
		}
		r.run()
		failing.Store(false)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		r.end(key)
	})
}

// A node that could not renew its leases for longer than they last, and whose
// shards nobody took, goes on by itself with all that it had in hand.
func TestAnOutageMayOutlastTheLease(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", one)
		r.create("late", delay)
		r.calls.answer = slow(time.Minute)
		called := r.start("1")
		started, err := r.Start(context.Background(), engine.StartRequest{Project: project, Graph: "late", Name: "x", Input: "1"})
		if err != nil {
			t.Fatal(err)
		}
		waiting := r.key(started)
		synctest.Wait()
		r.away.Store(true)
		time.Sleep(20 * r.cfg.LeaseDuration)
		if _, err := r.Start(context.Background(), request); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("start: got %v, want ErrUnavailable", err)
		}
		r.away.Store(false)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		r.end(called)
		r.end(waiting)
		if ids := r.calls.ids(); len(ids) != 1 {
			t.Errorf("the calls were %v, want one: its answer was at hand", ids)
		}
		r.calls.answer = nil
		key := r.start("2")
		synctest.Wait()
		r.end(key)
		if _, err := r.store.Acquire(context.Background(), 0, "another", time.Minute); !errors.Is(err, store.ErrExists) {
			t.Errorf("another node takes the shard: got %v, want ErrExists", err)
		}
	})
}

// A node whose shard was taken meanwhile stops as soon as it learns of that.
func TestAnOutageMayCostTheLease(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.away.Store(true)
		time.Sleep(2 * r.cfg.LeaseDuration)
		r.away.Store(false)
		if _, err := r.store.Acquire(context.Background(), 0, "another", time.Minute); err != nil {
			t.Fatal(err)
		}
		if err := <-r.done; !errors.Is(err, store.ErrFenced) {
			t.Errorf("Run: got %v, want ErrFenced", err)
		}
		r.stop()
		r.stop = nil
	})
}

// An engine that starts while the store is away claims it when it is back.
func TestAnEngineClaimsAStoreOnceItIsAvailable(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", pass)
		if err := r.halt(); err != nil {
			t.Fatal(err)
		}
		r.away.Store(true)
		r.run()
		time.Sleep(time.Minute)
		if err := r.Ready(); !errors.Is(err, engine.ErrDraining) {
			t.Errorf("ready: got %v, want ErrDraining", err)
		}
		r.away.Store(false)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		r.end(r.start("1"))
	})
}
