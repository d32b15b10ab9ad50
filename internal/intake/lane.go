package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"heddle/internal/admission"
	"heddle/internal/engine"
	"heddle/internal/store"
)

const (
	lanesAtWork    = 16  // lanes that deliver at a time, and that start; the others take turns with them
	lanesOfProject = 8   // of them, those of one project: it may have to wait for room that others have
	eventsPage     = 32  // events that a lane hands on in one turn
	waitersPage    = 256 // executions fetched at a time
	handsMax       = 64  // starts and deliveries of one lane at a time, so that they share commits
)

// lane hands the events of one trigger on. It is there as long as there are some.
type lane struct {
	more bool // have come since it looked; guarded by the mu of Events
}

// kick counts events of a trigger that are stored, and sees to it that its lane
// looks for them.
func (v *Events) kick(ctx context.Context, t store.Trigger, more load) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.stored = v.stored.plus(more)
	if l := v.lanes[t.ID]; l != nil {
		l.more = true
		return
	}
	l := &lane{}
	v.lanes[t.ID] = l
	v.work.Go(func() { v.run(ctx, l, t) })
}

// run hands on page after page until there is none, or ctx ends. A page that
// cannot be handed on for now is tried again, and those behind it wait.
func (v *Events) run(ctx context.Context, l *lane, t store.Trigger) {
	wait := pauseMin
	for ctx.Err() == nil {
		handed, err := v.turn(ctx, t)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			v.log.Log(ctx, levelOf(err), "events cannot be handed on for now", "trigger", t.URN, "again_in", wait, "error", err)
			if !pause(ctx, wait) {
				return
			}
			wait = min(2*wait, pauseMax)
		case handed > 0:
			wait = pauseMin
		case v.over(l, t.ID):
			return
		}
	}
}

// levelOf returns how worthy of note it is that events have to wait: that the
// engine starts or stops is usual.
func levelOf(err error) slog.Level {
	if errors.Is(err, engine.ErrDraining) {
		return slog.LevelDebug
	}
	return slog.LevelWarn
}

// over ends a lane that has found nothing, unless something has come since.
func (v *Events) over(l *lane, id store.TriggerID) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if l.more {
		l.more = false
		return false
	}
	delete(v.lanes, id)
	if len(v.lanes) == 0 {
		v.stored = load{} // also where a commit in doubt was miscounted
	}
	return true
}

// turn hands on one page of events, and returns how many there were. Those who
// wait come before those to be started, which may have to wait for room.
func (v *Events) turn(ctx context.Context, t store.Trigger) (int, error) {
	page, err := v.store.Events(ctx, t.ID, 0, eventsPage)
	if err != nil || len(page) == 0 {
		return 0, err
	}
	if err := inTurn(v.delivering, t, func() error { return v.deliver(ctx, t, page) }); err != nil {
		return 0, err
	}
	if err := inTurn(v.starting, t, func() error { return v.start(ctx, t, page) }); err != nil {
		return 0, err
	}
	if err := v.store.Discard(ctx, t.ID, page[len(page)-1].Number); err != nil {
		return 0, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, e := range page {
		v.stored = v.stored.minus(load{1, int64(len(e.Payload))})
	}
	return len(page), nil
}

// inTurn does something for a trigger when it is its turn. Once the context of
// Run has ended nothing takes long any more.
func inTurn(q *admission.Queue, t store.Trigger, do func() error) error {
	done := make(chan error, 1)
	q.Add(admission.Lane{Project: t.Project, Name: t.URN}, func(context.Context) { done <- do() })
	return <-done
}

// start starts an execution of each graph that the trigger is mapped to, for
// each event.
func (v *Events) start(ctx context.Context, t store.Trigger, page []store.Event) error {
	mappings, err := v.store.ListMappings(ctx, store.MappingFilter{Project: t.Project, Trigger: t.ID, Enabled: true})
	if err != nil || len(mappings) == 0 {
		return err
	}
	h := newHands()
	for n := range page {
		for _, m := range mappings {
			h.do(func() error { return v.startOne(ctx, t, m.GraphName, &page[n]) })
		}
	}
	return h.wait()
}

// startOne starts one execution, as soon as there is room for it.
func (v *Events) startOne(ctx context.Context, t store.Trigger, graph string, e *store.Event) error {
	for wait := pauseMin; ; wait = min(2*wait, pauseMax) {
		_, err := v.engine.Start(ctx, engine.StartRequest{Project: t.Project, Graph: graph, Input: e.Payload, Event: e})
		switch {
		case err == nil, errors.Is(err, store.ErrNotFound): // the graph has been deleted meanwhile
			return nil
		case errors.Is(err, engine.ErrOverloaded), errors.Is(err, engine.ErrShareUsed):
		case passes(err):
			return fmt.Errorf("start graph %s: %w", graph, err)
		default:
			v.log.Error("an event starts no execution", "trigger", t.URN, "event", e.Number, "graph", graph, "error", err)
			return nil
		}
		if !pause(ctx, wait) {
			return ctx.Err()
		}
	}
}

// deliver brings the events to all who wait for them.
func (v *Events) deliver(ctx context.Context, t store.Trigger, page []store.Event) error {
	h := newHands()
	defer h.wait()
	var after *store.Waiter
	for {
		waiters, err := v.store.Waiters(ctx, t.ID, after, waitersPage)
		if err != nil {
			return err
		}
		for _, w := range waiters {
			if events := later(page, w.Since); len(events) > 0 {
				h.do(func() error { return v.deliverTo(ctx, t, w.Key, events) })
			}
		}
		if len(waiters) < waitersPage {
			return h.wait()
		}
		after = &waiters[len(waiters)-1]
	}
}

func (v *Events) deliverTo(ctx context.Context, t store.Trigger, key store.Key, events []store.Event) error {
	err := v.engine.Deliver(ctx, key, t.URN, events)
	if err != nil && !passes(err) {
		v.log.Error("an execution does not get its events", "trigger", t.URN, "execution", fmt.Sprintf("%x", key.ID[:]), "error", err)
		return nil
	}
	return err
}

// later returns the events of a page that came after one.
func later(page []store.Event, since int64) []store.Event {
	for n, e := range page {
		if int64(e.Number) > since {
			return page[n:]
		}
	}
	return nil
}

// passes reports whether an error may be gone if the same is tried again.
func passes(err error) bool {
	for _, passing := range []error{
		store.ErrUnavailable, store.ErrOutcomeUnknown, store.ErrStopped, store.ErrFenced, engine.ErrDraining, context.Canceled, context.DeadlineExceeded,
	} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return false
}
