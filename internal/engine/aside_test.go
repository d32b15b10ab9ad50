package engine_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/store"
)

// An execution that cannot be run is tried again by itself, after longer and longer
// pauses, whether it has work in hand or is due; the others go on meanwhile.
func TestWhatIsSetAsideIsTriedAgain(t *testing.T) {
	t.Parallel()
	for name, definition := range map[string]string{"in hand": one, "due": delay} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(r *rig) {
				r.create("g", definition)
				r.calls.answer = hang
				key := r.start("1")
				synctest.Wait()
				if err := r.halt(); err != nil {
					t.Fatal(err)
				}
				r.calls.answer = nil
				var broken atomic.Bool
				var tries atomic.Int32
				broken.Store(true)
				r.store.Faults.Before = func(method string) error {
					if broken.Load() && method == "Load" {
						tries.Add(1)
						return errors.New("the journal cannot be read")
					}
					return nil
				}
				r.run()
				time.Sleep(time.Hour)
				if n := tries.Load(); n < 8 || n > 20 {
					t.Errorf("it was tried %d times in an hour", n)
				}
				if err := r.Ready(); err != nil {
					t.Errorf("the engine is not ready: %v", err)
				}
				broken.Store(false)
				r.create("other", one)
				time.Sleep(11 * time.Minute)
				synctest.Wait()
				r.end(key)
				again := tries.Load()
				time.Sleep(time.Hour)
				if tries.Load() != again {
					t.Error("it is still tried, although it has ended")
				}
			})
		})
	}
}

// While the store does not answer the engine is not ready, and is again soon after,
// without anybody having asked for more than that.
func TestAnEngineIsReadyWhileTheStoreAnswers(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		ready := func() error {
			_ = r.Ready() // asking has it look
			time.Sleep(3 * time.Second)
			return r.Ready()
		}
		if err := ready(); err != nil {
			t.Errorf("at first: %v", err)
		}
		r.away.Store(true)
		if err := ready(); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("while the store is away: got %v, want ErrUnavailable", err)
		}
		r.away.Store(false)
		if err := ready(); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}
