package engine_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

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
