package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/admission"
	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/store"
)

var request = engine.StartRequest{Project: project, Graph: "g", Name: "x", Input: "1"}

// errStopped is the error of a store that does not go on after an unknown outcome.
var errStopped = fmt.Errorf("%w: %w", store.ErrOutcomeUnknown, store.ErrStopped)

func TestAStoreThatHasStoppedStopsTheEngine(t *testing.T) {
	t.Parallel()
	for _, fault := range []commitFault{{before: errStopped}, {after: errStopped}} {
		inBubble(t, func(r *rig) {
			r.create("g", pass)
			r.fault.Store(&fault)
			if _, err := r.Start(context.Background(), request); !errors.Is(err, store.ErrOutcomeUnknown) {
				t.Errorf("start: got %v, want ErrOutcomeUnknown", err)
			}
			if err := <-r.done; !errors.Is(err, store.ErrStopped) {
				t.Errorf("Run: got %v, want ErrStopped", err)
			}
			r.stop()
			r.stop = nil
		})
	}
}

// inDoubt runs a test twice: what it does in doubt is stored, or is not.
func inDoubt(t *testing.T, test func(r *rig, doubt commitFault, stored bool)) {
	t.Helper()
	inBubble(t, func(r *rig) { test(r, commitFault{before: store.ErrOutcomeUnknown}, false) })
	inBubble(t, func(r *rig) { test(r, commitFault{after: store.ErrOutcomeUnknown}, true) })
}

// all returns the keys of the graph's executions.
func (r *rig) all() (keys []store.Key) {
	r.t.Helper()
	g, err := r.store.GraphByName(context.Background(), project, "g")
	if err != nil {
		r.t.Fatal(err)
	}
	heads, _, err := r.store.ListExecutions(context.Background(), store.ExecutionFilter{Graph: g.ID}, store.Page{Limit: 100})
	if err != nil {
		r.t.Fatal(err)
	}
	for _, head := range heads {
		keys = append(keys, head.Key)
	}
	return keys
}

// Nobody but the engine knows that a start in doubt may be there and that its
// work is in hand.
func TestAStartInDoubtIsTakenUpIfItIsThere(t *testing.T) {
	t.Parallel()
	for _, text := range []string{pass, one, delay} {
		inDoubt(t, func(r *rig, doubt commitFault, stored bool) {
			r.create("g", text)
			r.fault.Store(&doubt)
			if _, err := r.Start(context.Background(), request); !errors.Is(err, store.ErrOutcomeUnknown) || errors.Is(err, store.ErrStopped) {
				t.Errorf("start: got %v, want ErrOutcomeUnknown", err)
			}
			r.fault.Store(nil)
			time.Sleep(2 * time.Minute)
			synctest.Wait()
			keys := r.all()
			if (len(keys) == 1) != stored {
				t.Fatalf("stored %v: there are %d executions", stored, len(keys))
			}
			for _, key := range keys {
				r.end(key)
			}
			calls := 0
			if stored && text == one {
				calls = 1
			}
			if ids := r.calls.ids(); len(ids) != calls {
				t.Errorf("stored %v: the calls were %v, want %d", stored, ids, calls)
			}
		})
	}
}

func TestAStartInDoubtDoesNotStayInMemory(t *testing.T) {
	t.Parallel()
	inDoubt(t, func(r *rig, doubt commitFault, _ bool) {
		if err := r.halt(); err != nil {
			t.Fatal(err)
		}
		r.cfg.Open = admission.Room{Max: 1, Share: 1}
		r.run()
		r.create("g", one)
		r.fault.Store(&doubt)
		if _, err := r.Start(context.Background(), request); !errors.Is(err, store.ErrOutcomeUnknown) {
			t.Errorf("start: got %v, want ErrOutcomeUnknown", err)
		}
		r.fault.Store(nil)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		r.start("2")
	})
}

func TestAnAnswerInDoubtIsRecordedOnceAndNotAskedForAgain(t *testing.T) {
	t.Parallel()
	inDoubt(t, func(r *rig, doubt commitFault, stored bool) {
		r.create("g", five)
		r.calls.answer = slow(time.Second)
		key := r.start("1")
		r.fault.Store(&doubt)
		time.Sleep(1010 * time.Millisecond) // the first answer meets it
		r.fault.Store(nil)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if end := r.end(key); end.Status != journal.Success {
			t.Errorf("stored %v: it ended %+v", stored, end)
		}
		if ids := r.calls.ids(); len(ids) != 5 || !unique(ids) || r.calls.cutOff != 0 {
			t.Errorf("stored %v: the calls were %v, %d of them cut off; want five", stored, ids, r.calls.cutOff)
		}
	})
}

// A stop in doubt is answered so. If it is there, the call in flight is cut off;
// if it is not, the call goes on.
func TestAStopInDoubtIsLookedFor(t *testing.T) {
	t.Parallel()
	inDoubt(t, func(r *rig, doubt commitFault, stored bool) {
		r.create("g", one)
		r.calls.answer = slow(10 * time.Second)
		key := r.start("1")
		synctest.Wait()
		r.fault.Store(&doubt)
		if _, err := r.Stop(context.Background(), key); !errors.Is(err, store.ErrOutcomeUnknown) {
			t.Errorf("stop: got %v, want ErrOutcomeUnknown", err)
		}
		r.fault.Store(nil)
		time.Sleep(time.Second)
		synctest.Wait()
		if cutOff := r.calls.cutOff == 1; cutOff != stored {
			t.Errorf("stored %v: a second later the call is cut off: %v", stored, cutOff)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if end := r.end(key); (end.Status == journal.Aborted) != stored {
			t.Errorf("stored %v: it ended %s", stored, end.Status)
		}
	})
}

// What a stop has done is not refused because it cannot be looked at.
func TestAStopIsNotRefusedOnceItIsDone(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", delay)
		key := r.start("1")
		loads := 0
		r.store.Faults.Before = func(method string) error {
			if method == "Load" {
				if loads++; loads > 1 { // the first one fetches the execution
					return store.ErrUnavailable
				}
			}
			return nil
		}
		if _, err := r.Stop(context.Background(), key); !errors.Is(err, store.ErrOutcomeUnknown) || errors.Is(err, store.ErrUnavailable) {
			t.Errorf("stop: got %v, want ErrOutcomeUnknown", err)
		}
		r.store.Faults.Before = nil
		if end := r.end(key); end.Status != journal.Aborted {
			t.Errorf("it ended %s", end.Status)
		}
	})
}

// A definition whose update is in doubt is not served from memory any more.
func TestAnUpdateInDoubtIsSeenIfItIsThere(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", one)
		r.start("1") // now it is in memory
		synctest.Wait()
		r.store.Faults.After = func(method string) error {
			if method == "UpdateGraph" {
				return store.ErrOutcomeUnknown
			}
			return nil
		}
		if _, err := r.UpdateGraph(context.Background(), project, "g", parsed(t, pass)); !errors.Is(err, store.ErrOutcomeUnknown) {
			t.Errorf("update: got %v, want ErrOutcomeUnknown", err)
		}
		r.store.Faults.After = nil
		r.start("2")
		synctest.Wait()
		if ids := r.calls.ids(); len(ids) != 1 {
			t.Errorf("the calls were %v: the second start runs the former definition", ids)
		}
	})
}

// An event is not taken to have started what may not be stored in the end: else
// it would be removed, and have started nothing.
func TestAnEventHasNotStartedWhatIsInDoubt(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", one)
		var away atomic.Bool
		away.Store(true)
		r.store.Faults.Before = func(method string) error {
			switch {
			case !away.Load():
			case method == "Commit":
				return store.ErrOutcomeUnknown
			case method == "Load":
				return store.ErrUnavailable
			}
			return nil
		}
		req := engine.StartRequest{Project: project, Graph: "g", Input: "1", Event: &store.Event{Number: 1}}
		if _, err := r.Start(context.Background(), req); !errors.Is(err, store.ErrOutcomeUnknown) {
			t.Errorf("start: got %v, want ErrOutcomeUnknown", err)
		}
		if _, err := r.Start(context.Background(), req); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("start while it is in doubt: got %v, want ErrUnavailable", err)
		}
		away.Store(false)
		time.Sleep(5 * time.Second)
		for range 2 {
			if _, err := r.Start(context.Background(), req); err != nil {
				t.Errorf("start: %v", err)
			}
		}
		synctest.Wait()
		if keys := r.all(); len(keys) != 1 {
			t.Errorf("the event has started %d executions, want 1", len(keys))
		}
	})
}
