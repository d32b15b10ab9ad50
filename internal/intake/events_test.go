package intake_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/engine"
	"heddle/internal/intake"
	"heddle/internal/store"
	"heddle/internal/store/memory"
)

func TestAnEventStartsAnExecutionOfEachMappedGraph(t *testing.T) {
	t.Parallel()
	inEventBubble(t, func(r *eventRig) {
		one, two := r.trigger("one"), r.trigger("two")
		a, b, off := r.mapped("a", one, true), r.mapped("b", one, true), r.mapped("off", one, false)
		r.no(r.store.CreateMapping(background, store.Mapping{Graph: a, Trigger: two.ID, Enabled: true}))

		r.accept(arrival("first", one, two), true)
		r.accept(arrival("second", one), true)
		r.accept(arrival("first", one, two), false)
		synctest.Wait()
		for name, c := range map[string]struct {
			graph store.GraphID
			want  int
		}{"a": {a, 3}, "b": {b, 2}, "off": {off, 0}} {
			if n := r.ended(c.graph); n != c.want {
				t.Errorf("graph %s was run %d times, want %d", name, n, c.want)
			}
		}
		if n := r.pending(); n != 0 {
			t.Errorf("%d events are left in the inbox", n)
		}
		for _, head := range r.heads(b) {
			if len(head.Name) != 36 || strings.Count(head.Name, "-") != 4 {
				t.Errorf("the execution's name is %q, want a UUID", head.Name)
			}
		}

		time.Sleep(23 * time.Hour)
		r.accept(arrival("first", one), false)
		time.Sleep(2 * time.Hour)
		r.accept(arrival("first", one), true)
	})
}

func TestAnEventWakesAllWhoWaitAndNobodyElse(t *testing.T) {
	t.Parallel()
	inEventBubble(t, func(r *eventRig) {
		one, two := r.trigger("one"), r.trigger("two")
		g := r.graph("g", listening(one.URN, two.URN))
		r.accept(arrival("before", one), true)
		synctest.Wait()
		const executions = 600
		for range executions {
			r.started("g")
		}
		// The second state's event comes first, and is kept.
		r.accept(arrival("early", two), true)
		synctest.Wait()
		if n := r.ended(g); n != 0 {
			t.Fatalf("%d have ended", n)
		}
		r.accept(arrival("wake", one), true)
		synctest.Wait()
		if n := r.ended(g); n != executions {
			t.Errorf("%d have ended, want %d", n, executions)
		}
		for _, head := range r.heads(g) {
			if ids := fmt.Sprint(r.received(head.Key)); ids != "[2 3]" {
				t.Fatalf("an execution received %s, want the second and the third event", ids)
			}
		}
	})
}

func TestMoreThanThereIsRoomForIsRefused(t *testing.T) {
	t.Parallel()
	inEventBubble(t, func(r *eventRig) {
		one := r.trigger("one")
		a := r.mapped("a", one, true)
		r.failing(func(method string) error {
			if method == "Events" { // nothing is handed on
				return store.ErrUnavailable
			}
			return nil
		})
		for n := range 1000 {
			r.accept(arrival(fmt.Sprint(n), one), true)
		}
		if _, err := r.intake.Accept(background, arrival("more", one)); !errors.Is(err, store.ErrFull) {
			t.Errorf("one more: got %v, want ErrFull", err)
		}
		r.failing(nil)
		r.settle()
		if n := r.ended(a); n != 1000 {
			t.Errorf("%d executions, want 1000", n)
		}
		large := arrival("large", one)
		large.Events[0].Payload = `"` + strings.Repeat("x", 1<<20) + `"`
		if _, err := r.intake.Accept(background, large); !errors.Is(err, store.ErrFull) {
			t.Errorf("too many bytes: got %v, want ErrFull", err)
		}
		r.accept(arrival("more", one), true)
	})
}

// A trigger whose events cannot be handed on holds up no other's.
func TestTriggersDoNotHoldUpEachOther(t *testing.T) {
	t.Parallel()
	inEventBubble(t, func(r *eventRig) {
		flood, quiet := r.trigger("flood"), r.trigger("quiet")
		a, b := r.mapped("a", flood, true), r.mapped("b", quiet, true)
		var stuck atomic.Bool
		stuck.Store(true)
		r.failing(func(method string) error {
			if method == "Discard" && stuck.Swap(false) { // the first to be done is tried again
				return store.ErrUnavailable
			}
			return nil
		})
		for n := range 100 {
			r.accept(arrival(fmt.Sprint("f", n), flood), true)
		}
		r.accept(arrival("q", quiet), true)
		r.settle()
		if na, nb := r.ended(a), r.ended(b); na != 100 || nb != 1 {
			t.Errorf("%d and %d executions, want 100 and 1", na, nb)
		}
	})
}

func TestTheIntakeRefusesWhileItIsClosed(t *testing.T) {
	t.Parallel()
	inEventBubble(t, func(r *eventRig) {
		one := r.trigger("one")
		a := r.mapped("a", one, true)
		r.failing(func(method string) error {
			if method == "Events" {
				return store.ErrUnavailable
			}
			return nil
		})
		r.accept(arrival("kept", one), true)
		r.stop()
		if _, err := r.intake.Accept(background, arrival("late", one)); !errors.Is(err, engine.ErrDraining) {
			t.Errorf("after the end: got %v, want ErrDraining", err)
		}
		r.failing(nil)
		r.run()
		if n := r.ended(a); n != 1 {
			t.Errorf("after a restart %d executions, want that of the event that was kept", n)
		}
	})
}

// The process dies at any of the calls of the store, before or after it has done
// its part: what was accepted has its effects once, and only once.
func TestAnAcceptedEventTakesEffectOnceWheneverTheProcessDies(t *testing.T) {
	t.Parallel()
	for at := 1; ; at++ {
		died := false
		inEventBubble(t, func(r *eventRig) {
			one, two := r.trigger("one"), r.trigger("two")
			g := r.graph("g", listening(one.URN, two.URN))
			a, b := r.mapped("a", one, true), r.mapped("b", one, true)
			for range 3 {
				r.started("g")
			}
			var calls atomic.Int64
			var left atomic.Pointer[memory.Store] // what the process leaves
			die := func(string) error {
				if calls.Add(1) == int64(at) {
					left.Store(r.store.Clone())
				}
				return nil
			}
			r.failing(die)
			arrivals := []intake.Arrival{arrival("x", one, two), arrival("y", one, two)}
			for _, arrival := range arrivals {
				r.accept(arrival, true)
			}
			synctest.Wait()
			r.stop()
			if left.Load() == nil {
				r.failing(nil)
				r.run()
				return
			}
			died = true
			r.failing(nil)
			r.store = left.Load()
			r.run()
			for _, arrival := range arrivals { // who was not answered asks again, and who was may too
				_, err := r.intake.Accept(background, arrival)
				r.no(err)
			}
			r.settle()
			if na, nb, ng := r.ended(a), r.ended(b), r.ended(g); na != 2 || nb != 2 || ng != 3 {
				t.Errorf("dead at call %d: %d, %d and %d executions have ended, want 2, 2 and 3", at, na, nb, ng)
			}
			for _, head := range r.heads(g) {
				ids := r.received(head.Key)
				for n, id := range ids {
					for _, other := range ids[:n] {
						if other == id {
							t.Errorf("dead at call %d: an execution received %v", at, ids)
						}
					}
				}
			}
		})
		if !died {
			if at < 30 {
				t.Errorf("there were only %d calls", at)
			}
			return
		}
	}
}

// Another node has accepted an event, and died before it could hand it on.
func TestWhatAnotherNodeHasLeftIsFound(t *testing.T) {
	t.Parallel()
	inEventBubble(t, func(r *eventRig) {
		one := r.trigger("one")
		a := r.mapped("a", one, true)
		if _, err := r.store.Accept(background, []store.Arrival{{Project: project, Events: []store.Event{{Trigger: one.ID, Payload: "1"}}}}, 1, 2); err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Minute)
		if n := r.ended(a); n != 1 {
			t.Errorf("%d executions, want 1", n)
		}
	})
}

// crowded is an engine that has no room for one project.
type crowded struct {
	intake.EventsEngine
	project string
	started chan string // graphs of others
}

func (c crowded) Start(_ context.Context, req engine.StartRequest) (engine.Started, error) {
	if req.Project == c.project {
		return engine.Started{}, engine.ErrShareUsed
	}
	c.started <- req.Graph
	return engine.Started{}, nil
}

// A project whose starts have to wait does not keep those of others waiting.
func TestProjectsDoNotHoldUpEachOther(t *testing.T) {
	t.Parallel()
	inEventBubble(t, func(r *eventRig) {
		c := crowded{EventsEngine: r.engine, project: project, started: make(chan string, 1)}
		events := intake.NewEvents(r.cfg, r.store, c, quiet)
		ctx, stop := context.WithCancel(background)
		ended := make(chan error)
		go func() { ended <- events.Run(ctx) }()
		synctest.Wait()
		for n := range 40 {
			name := fmt.Sprint("t", n)
			trigger := r.trigger(name)
			r.mapped(name, trigger, true)
			if _, err := events.Accept(background, arrival(name, trigger)); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		other := store.Trigger{Project: "p2", URN: "urn:fgs:local:p2:trigger:SMN_topic_other", UUID: "other"}
		var err error
		if other.ID, err = r.store.CreateTrigger(background, other); err != nil {
			t.Fatal(err)
		}
		graph, err := r.store.CreateGraph(background, store.Graph{Project: "p2", Name: "other"}, pass, store.References{})
		r.no(err)
		r.no(r.store.CreateMapping(background, store.Mapping{Graph: graph, Trigger: other.ID, Enabled: true}))
		if _, err := events.Accept(background, arrival("other", other)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		select {
		case <-c.started:
		default:
			t.Error("the other project's event has started nothing")
		}
		stop()
		r.no(<-ended)
	})
}
