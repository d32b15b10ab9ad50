package engine_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/store"
)

// A pass comes every ten minutes.
const untilNextPass = 11 * time.Minute

// retaining restarts the engine of a rig with a retention.
func (r *rig) retaining(retention time.Duration) {
	r.t.Helper()
	if err := r.halt(); err != nil {
		r.t.Fatal(err)
	}
	r.cfg.Retention = retention
	r.run()
}

// kept reports whether an execution is in the store.
func (r *rig) kept(key store.Key) bool {
	r.t.Helper()
	_, _, err := r.store.Load(context.Background(), key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		r.t.Fatal(err)
	}
	return err == nil
}

func TestExecutionsAreRemovedOnceTheyEndedLongAgo(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.retaining(3 * time.Hour)
		r.calls.answer = slow(2 * time.Hour)
		r.create("g", pass)
		quick := r.start("1")
		r.create("slow", one)
		started, err := r.Start(context.Background(), engine.StartRequest{Project: project, Graph: "slow", Name: "x", Input: "1"})
		if err != nil {
			t.Fatal(err)
		}
		late := r.key(started)

		time.Sleep(3*time.Hour - time.Minute)
		if !r.kept(quick) {
			t.Error("it is removed before its time")
		}
		time.Sleep(untilNextPass)
		if r.kept(quick) || !r.kept(late) {
			t.Errorf("after 3 hours: the one that ended at once is kept: %v; the one that ended later: %v", r.kept(quick), r.kept(late))
		}
		time.Sleep(2 * time.Hour)
		if r.kept(late) {
			t.Error("the one that ended later is never removed")
		}
	})
}

func TestManyOldExecutionsAreRemovedAtTheNextStart(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", pass)
		for range 250 {
			r.start("1")
		}
		time.Sleep(time.Hour)
		if g, err := r.store.GraphByName(context.Background(), project, "g"); err != nil || g.Executions != 250 {
			t.Fatalf("without a retention %d executions are kept, %v", g.Executions, err)
		}
		r.retaining(time.Minute)
		young := r.start("1")
		time.Sleep(time.Second) // there are pauses between the steps
		if g, err := r.store.GraphByName(context.Background(), project, "g"); err != nil || g.Executions != 1 || !r.kept(young) {
			t.Errorf("%d executions are left, %v; want the young one", g.Executions, err)
		}
	})
}

func TestAnIdempotencyKeyOutlivesTheRetention(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.retaining(time.Hour)
		r.create("g", pass)
		start := func() engine.Started {
			t.Helper()
			started, err := r.Start(context.Background(), engine.StartRequest{Project: project, Graph: "g", Name: "x", Input: "1", IdempotencyKey: "k"})
			if err != nil {
				t.Fatal(err)
			}
			return started
		}
		first := start()
		time.Sleep(23 * time.Hour)
		if again := start(); again != first {
			t.Errorf("a day later: got %v, want %v", again, first)
		}
		time.Sleep(time.Hour + untilNextPass)
		if r.kept(r.key(first)) {
			t.Error("it is kept longer than its key")
		}
	})
}

// A second start by an event in the inbox must find the first one.
func TestWhatAnEventInTheInboxMayHaveStartedIsKept(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.retaining(time.Hour)
		trigger := r.trigger(told)
		r.create("g", pass)
		ctx, at := context.Background(), journal.Millis(time.Now().UnixMilli())
		if _, err := r.store.Accept(ctx, []store.Arrival{{Project: project, Events: []store.Event{{Trigger: trigger.ID}}}}, at, at); err != nil {
			t.Fatal(err)
		}
		event := &store.Event{Number: 1, AcceptedAt: at}
		started, err := r.Start(ctx, engine.StartRequest{Project: project, Graph: "g", Input: "1", Event: event})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(24 * time.Hour)
		if !r.kept(r.key(started)) {
			t.Error("it is removed while the event is in the inbox")
		}
		if err := r.store.Discard(ctx, trigger.ID, 1); err != nil {
			t.Fatal(err)
		}
		time.Sleep(untilNextPass)
		if r.kept(r.key(started)) {
			t.Error("it is kept although the event is done with")
		}
	})
}

func TestAPassIsMadeAgainAfterAFault(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", pass)
		key := r.start("1")
		time.Sleep(2 * time.Hour)
		if err := r.halt(); err != nil {
			t.Fatal(err)
		}
		fault := store.ErrUnavailable
		r.store.Faults.Before = func(method string) (err error) {
			if method == "Expire" {
				err, fault = fault, nil
			}
			return err
		}
		r.cfg.Retention = time.Hour
		r.run()
		if !r.kept(key) {
			t.Error("it is removed by a step that failed")
		}
		time.Sleep(untilNextPass)
		if r.kept(key) {
			t.Error("the pass was not made again")
		}
	})
}
