package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"

	"heddle/internal/journal"
	"heddle/internal/store"
)

const timersMax = 3

// newTimer makes a timer that has not been stored; it fires next at a time.
func newTimer(graph store.GraphID, name string, next journal.Millis) store.Timer {
	return store.Timer{
		Graph: graph, Name: name, Description: "d", Expression: "* * * * ?", Zone: "UTC", Misfire: "once",
		CreatedAt: 1000, ModifiedAt: 1000, Next: next,
	}
}

// timer stores a timer and returns it as it is read.
func (f *fixture) timer(graph store.GraphID, name string, next journal.Millis) store.Timer {
	f.Helper()
	t := newTimer(graph, name, next)
	id, err := f.store.CreateTimer(f.Context(), t, timersMax)
	f.no(err)
	g, err := f.store.GraphByID(f.Context(), graph)
	f.no(err)
	t.ID, t.Revision, t.Project, t.GraphName = id, 1, g.Project, g.Name
	f.isStored(t)
	return t
}

// isStored fails the test unless the timer is there, just so.
func (f *fixture) isStored(want store.Timer) {
	f.Helper()
	got, err := f.store.TimerByName(f.Context(), want.Project, want.GraphName, want.Name)
	if err != nil || got != want {
		f.Errorf("timer\n got %+v, %v\nwant %+v", got, err, want)
	}
}

// wantTimers compares timers by their names.
func (f *fixture) wantTimers(got []store.Timer, err error, want ...string) {
	f.Helper()
	f.no(err)
	names := []string{}
	for _, t := range got {
		names = append(names, t.Name)
	}
	if fmt.Sprint(names) != fmt.Sprint(want) {
		f.Errorf("got timers %v, want %v", names, want)
	}
}

func testTimers(f *fixture) {
	graph, other := f.graph("video"), f.graph("other")
	second := f.timer(graph, "second", 0)
	first := f.timer(graph, "first", 0)
	f.timer(other, "first", 0)
	_, err := f.store.CreateTimer(f.Context(), newTimer(graph, "first", 0), timersMax)
	f.want(err, store.ErrExists)
	_, err = f.store.CreateTimer(f.Context(), newTimer(other+1, "first", 0), timersMax)
	f.want(err, store.ErrNotFound)
	f.timer(graph, "third", 0)
	_, err = f.store.CreateTimer(f.Context(), newTimer(graph, "fourth", 0), timersMax)
	f.want(err, store.ErrTooMany)
	_, err = f.store.CreateTimer(f.Context(), newTimer(graph, "first", 0), timersMax)
	f.want(err, store.ErrExists)

	timers, err := f.store.TimersOf(f.Context(), graph)
	f.wantTimers(timers, err, "second", "first", "third")
	_, err = f.store.TimersOf(f.Context(), other+1)
	f.want(err, store.ErrNotFound)
	_, err = f.store.TimerByName(f.Context(), "another", "video", "first")
	f.want(err, store.ErrNotFound)

	f.no(f.store.DeleteTimer(f.Context(), second.ID))
	f.want(f.store.DeleteTimer(f.Context(), second.ID), store.ErrNotFound)
	f.reopen()
	if again := f.timer(graph, "second", 0); again.ID <= second.ID {
		f.Errorf("timer id %d is used again, as %d", second.ID, again.ID)
	}
	f.isStored(first)
}

func testChangeTimer(f *fixture) {
	t := f.timer(f.graph("video"), "t", 0)
	changed := t
	changed.Description, changed.Expression, changed.Unit, changed.Interval = "", "", "hour", 3
	changed.Zone, changed.Misfire, changed.ModifiedAt = "Europe/Berlin", "skip", 2000
	changed.StartedAt, changed.Next, changed.Fired = 3000, 4000, 500
	f.no(f.store.ChangeTimer(f.Context(), changed))
	changed.Revision++
	f.isStored(changed)

	f.want(f.store.ChangeTimer(f.Context(), t), store.ErrStale)
	f.isStored(changed)
	f.no(f.store.DeleteTimer(f.Context(), t.ID))
	f.want(f.store.ChangeTimer(f.Context(), changed), store.ErrNotFound)
}

func testTimersGoWithTheirGraph(f *fixture) {
	graph := f.graph("video")
	t := f.timer(graph, "t", 500)
	f.no(f.store.DeleteGraph(f.Context(), graph, 2000))
	_, err := f.store.TimersOf(f.Context(), graph)
	f.want(err, store.ErrNotFound)
	_, err = f.store.TimerByName(f.Context(), project, "video", "t")
	f.want(err, store.ErrNotFound)
	_, err = f.store.CreateTimer(f.Context(), newTimer(graph, "late", 0), timersMax)
	f.want(err, store.ErrNotFound)
	f.want(f.store.ChangeTimer(f.Context(), t), store.ErrNotFound)
	if next, err := f.store.NextTimer(f.Context()); err != nil || next != 0 {
		f.Errorf("the next timer is at %d, %v", next, err)
	}
	for more := true; more; {
		more, err = f.store.Purge(f.Context(), 0, 10)
		f.no(err)
	}
	again := f.graph("video")
	timers, err := f.store.TimersOf(f.Context(), again)
	f.wantTimers(timers, err)
}

// testTimersInARace creates timers of one graph from many sides.
func testTimersInARace(f *fixture) {
	graph := f.graph("video")
	var created atomic.Int64
	var group sync.WaitGroup
	for i := range 3 * timersMax {
		group.Go(func() {
			if _, err := f.store.CreateTimer(f.Context(), newTimer(graph, fmt.Sprint(i), 0), timersMax); err == nil {
				created.Add(1)
			}
		})
	}
	group.Wait()
	timers, err := f.store.TimersOf(f.Context(), graph)
	if err != nil || len(timers) != timersMax || created.Load() != timersMax {
		f.Errorf("%d timers were created and %d are there (%v), want %d", created.Load(), len(timers), err, timersMax)
	}
}

func testDueTimers(f *fixture) {
	a, b := f.graph("a"), f.graph("b")
	f.timer(a, "stopped", 0)
	f.timer(a, "at 30", 30)
	f.timer(b, "at 10", 10)
	f.timer(b, "at 20", 20)
	f.timer(a, "also at 20", 20)
	at := func(until journal.Millis, after *store.Timer, limit int) []store.Timer {
		f.Helper()
		due, err := f.store.DueTimers(f.Context(), until, after, limit)
		f.no(err)
		return due
	}
	f.wantTimers(at(9, nil, 10), nil)
	f.wantTimers(at(29, nil, 10), nil, "at 10", "at 20", "also at 20")
	page := at(100, nil, 2)
	f.wantTimers(page, nil, "at 10", "at 20")
	f.isStored(page[1])
	f.wantTimers(at(100, &page[1], 10), nil, "also at 20", "at 30")
	if next, err := f.store.NextTimer(f.Context()); err != nil || next != 10 {
		f.Errorf("the next timer is at %d, %v, want 10", next, err)
	}
}

// ticked makes the first turn of an execution that a timer starts.
func (f *fixture) ticked(t store.Timer, n int, next journal.Millis) store.Turn {
	turn := f.first(t.Graph, n)
	turn.Tick = &store.Tick{Timer: t.ID, Revision: t.Revision, Fires: t.Next, Next: next}
	return turn
}

func testTick(f *fixture) {
	graph := f.graph("video")
	t := f.timer(graph, "t", 20)
	turn := f.ticked(t, 1, 30)
	f.stored(turn)
	f.holds(turn, "started 1")
	fired := t
	fired.Revision, fired.Next, fired.Fired = 2, 30, 20
	f.isStored(fired)

	// The same again, as after an answer that was lost; another of the same time;
	// and one that a batch has twice.
	again := f.ticked(t, 1, 30)
	f.want(f.commit(again)[0].Err, store.ErrNotDue)
	f.want(f.commit(f.ticked(t, 2, 30))[0].Err, store.ErrNotDue)
	f.absent(f.ticked(t, 2, 30).Head.Key)
	outcomes := f.commit(f.ticked(fired, 3, 40), f.ticked(fired, 4, 40), f.first(graph, 5))
	f.no(outcomes[0].Err)
	f.want(outcomes[1].Err, store.ErrNotDue)
	f.no(outcomes[2].Err)
	f.absent(f.ticked(t, 4, 30).Head.Key)
	fired.Revision, fired.Next, fired.Fired = 3, 40, 30
	f.isStored(fired)

	// The last fire time stops it. A timer that was changed, or is another graph's,
	// does not fire.
	f.stored(f.ticked(fired, 6, 0))
	fired.Revision, fired.Next, fired.Fired = 4, 0, 40
	f.isStored(fired)
	f.no(f.store.ChangeTimer(f.Context(), fired))
	f.want(f.commit(f.ticked(fired, 7, 50))[0].Err, store.ErrNotDue)
	fired.Revision++
	foreign := f.ticked(fired, 8, 50)
	foreign.Head.Graph = f.graph("other")
	f.want(f.commit(foreign)[0].Err, store.ErrNotDue)
	f.no(f.store.DeleteTimer(f.Context(), t.ID))
	f.want(f.commit(f.ticked(fired, 9, 50))[0].Err, store.ErrNotDue)

	late := next(turn, "second")
	late.Tick = turn.Tick
	if err := f.commit(late)[0].Err; err == nil {
		f.Error("a turn after the first has a tick and is stored")
	}
}

// testTickRefused: a start that is refused leaves its timer due.
func testTickRefused(f *fixture) {
	graph := f.graph("video")
	t := f.timer(graph, "t", 20)
	there := f.first(graph, 1)
	there.Key = &store.IdempotencyKey{Text: "k", Expires: 1 << 40}
	f.stored(there)

	f.want(f.commit(f.ticked(t, 1, 30))[0].Err, store.ErrStale)
	fenced := f.ticked(t, 2, 30)
	fenced.Lease.Epoch++
	f.want(f.commit(fenced)[0].Err, store.ErrFenced)
	keyed := f.ticked(t, 3, 30)
	keyed.Key = there.Key
	f.want(f.commit(keyed)[0].Err, store.ErrExists)
	f.isStored(t)
}

// testTickInARace: of those who start an execution for one fire time one does.
func testTickInARace(f *fixture) {
	t := f.timer(f.graph("video"), "t", 20)
	var started atomic.Int64
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			outcomes, err := f.store.Commit(f.Context(), []store.Turn{f.ticked(t, i+1, 30)})
			if err == nil && outcomes[0].Err == nil {
				started.Add(1)
			}
		})
	}
	group.Wait()
	if started.Load() != 1 {
		f.Errorf("%d executions were started for one fire time", started.Load())
	}
}

func testSkipTimers(f *fixture) {
	graph := f.graph("video")
	a, b, c := f.timer(graph, "a", 10), f.timer(graph, "b", 20), f.timer(graph, "c", 30)
	stale := c
	stale.Revision--
	var ticks []store.Tick
	for _, t := range []store.Timer{b, stale, a} {
		ticks = append(ticks, store.Tick{Timer: t.ID, Revision: t.Revision, Next: t.Next + 100})
	}
	f.no(f.store.SkipTimers(f.Context(), ticks))
	f.no(f.store.SkipTimers(f.Context(), ticks)) // as after an answer that was lost
	for _, t := range []*store.Timer{&a, &b} {
		t.Revision, t.Next = 2, t.Next+100
		f.isStored(*t)
	}
	f.isStored(c)
}
