package engine_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/admission"
	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/store"
)

// deferAll takes every call and says no more.
func deferAll(context.Context, engine.Call) engine.Result { return engine.Result{Deferred: true} }

// report reports a result for the call that was made last.
func (r *rig) report(result engine.Result) error {
	r.t.Helper()
	c := r.calls.made[len(r.calls.made)-1]
	return r.Report(context.Background(), c.Key, engine.Attempt{Visit: c.Visit, Branch: c.Branch, Number: c.Attempt}, result)
}

func TestADeferredResultIsReportedOnce(t *testing.T) {
	t.Parallel()
	limit := func(cfg *engine.Config) { cfg.Open = admission.Room{Max: 1, Share: 1} }
	inBubbleWith(t, limit, func(r *rig) {
		r.calls.answer = deferAll
		r.create("g", one)
		first := r.start("1")
		synctest.Wait()
		second := r.start("2") // the first one has left memory, or there would be no room
		synctest.Wait()
		time.Sleep(29 * time.Second)
		if err := r.report(engine.Result{Output: "3"}); err != nil {
			t.Fatal(err)
		}
		if end := r.end(second); end.Status != journal.Success || end.Output != "3" {
			t.Errorf("it ended %+v", end)
		}
		if err := r.report(engine.Result{Output: "4"}); !errors.Is(err, engine.ErrNotAwaited) {
			t.Errorf("a second report: got %v, want ErrNotAwaited", err)
		}
		time.Sleep(2 * time.Second) // the time of the first is over
		if end := r.end(first); end.Status != journal.Failed {
			t.Errorf("without a report it ended %+v", end)
		}
		if n := len(r.calls.ids()); n != 2 {
			t.Errorf("%d calls were made, want 2", n)
		}
	})
}

// TestADeferredResultIsAwaitedAfterARestart restarts the engine while it waits:
// the function is not called again, and its time goes on.
func TestADeferredResultIsAwaitedAfterARestart(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.calls.answer = deferAll
		r.create("g", one)
		reported, silent := r.start("1"), r.start("2")
		synctest.Wait()
		for range 3 {
			time.Sleep(5 * time.Second)
			if err := r.halt(); err != nil {
				t.Fatal(err)
			}
			r.run()
		}
		if n := len(r.calls.ids()); n != 2 {
			t.Fatalf("%d calls were made, want 2", n)
		}
		c := r.calls.made[0]
		if err := r.Report(context.Background(), c.Key, engine.Attempt{Visit: c.Visit, Branch: c.Branch, Number: c.Attempt}, engine.Result{Output: c.Input}); err != nil {
			t.Fatal(err)
		}
		if c.Key != reported {
			reported, silent = silent, reported
		}
		if end := r.end(reported); end.Status != journal.Success {
			t.Errorf("the reported one ended %+v", end)
		}
		time.Sleep(14 * time.Second)
		if _, ended := r.records(silent)[len(r.records(silent))-1].(journal.ExecutionEnded); ended {
			t.Error("the silent one ended before its time")
		}
		time.Sleep(2 * time.Second)
		if end := r.end(silent); end.Status != journal.Failed {
			t.Errorf("the silent one ended %+v", end)
		}
	})
}

// TestAReportMayComeFirst brings the result while the call is still in flight.
func TestAReportMayComeFirst(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.calls.answer = func(ctx context.Context, _ engine.Call) engine.Result {
			<-ctx.Done()
			return engine.Result{Deferred: true}
		}
		r.create("g", one)
		key := r.start("1")
		synctest.Wait()
		if err := r.report(engine.Result{Failure: &engine.Failure{Name: "States.NotFound", Message: "m"}}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if end := r.end(key); end.Status != journal.Failed || r.calls.cutOff != 1 {
			t.Errorf("it ended %+v, and %d calls were cut off", end, r.calls.cutOff)
		}
	})
}

func TestReportsThatAreNotTaken(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.calls.answer = deferAll
		r.create("g", one)
		key := r.start("1")
		synctest.Wait()
		report := func(key store.Key, a engine.Attempt) error {
			return r.Report(context.Background(), key, a, engine.Result{Output: "1"})
		}
		for _, a := range []engine.Attempt{{Visit: 2, Number: 1}, {Visit: 1, Number: 2}, {Visit: 1, Branch: 1, Number: 1}, {}} {
			if err := report(key, a); !errors.Is(err, engine.ErrNotAwaited) {
				t.Errorf("%+v: got %v, want ErrNotAwaited", a, err)
			}
		}
		if err := report(store.Key{Graph: key.Graph}, engine.Attempt{Visit: 1, Number: 1}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another execution: got %v, want ErrNotFound", err)
		}
		if _, err := r.Stop(context.Background(), key); err != nil {
			t.Fatal(err)
		}
		if err := report(key, engine.Attempt{Visit: 1, Number: 1}); !errors.Is(err, engine.ErrNotAwaited) {
			t.Errorf("after a stop: got %v, want ErrNotAwaited", err)
		}
		if err := r.DeleteGraph(context.Background(), project, "g"); err != nil {
			t.Fatal(err)
		}
		if err := report(key, engine.Attempt{Visit: 1, Number: 1}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("after a deletion: got %v, want ErrNotFound", err)
		}
	})
}
