package storetest

import (
	"slices"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// ended makes the only turn of execution n, which starts at n and ends at stopped.
func (f *fixture) ended(graph store.GraphID, n int, stopped journal.Millis) store.Turn {
	t := f.first(graph, n)
	t.Head.Status, t.Head.StoppedAt, t.Head.Wake = journal.Success, stopped, store.Never
	return t
}

// expire makes a pass and returns how many steps it took.
func (f *fixture) expire(endedBefore journal.Millis, limit int) (steps int) {
	f.Helper()
	var from *store.Key
	for {
		next, err := f.store.Expire(f.Context(), endedBefore, from, limit)
		f.no(err)
		steps++
		if next == nil {
			return steps
		}
		if from != nil && (next.Graph < from.Graph || *next == *from) || steps > 100 {
			f.Fatalf("the pass goes on from %v to %v", from, next)
		}
		from = next
	}
}

// has fails the test unless the graph has just these executions, the newest first.
func (f *fixture) has(graph store.GraphID, want ...int) {
	f.Helper()
	got, n := f.listed(store.ExecutionFilter{Graph: graph}, store.Page{Limit: 1000})
	if !slices.Equal(got, want) || n != int64(len(want)) {
		f.Errorf("graph %d has %v, in all %d; want %v", graph, got, n, want)
	}
	if g, err := f.store.GraphByID(f.Context(), graph); err != nil || g.Executions != int64(len(want)) {
		f.Errorf("graph %d counts %d executions, %v; want %d", graph, g.Executions, err, len(want))
	}
}

func testExpire(f *fixture) {
	f.expire(1000, 10)
	graph, other, deleted := f.graph("video"), f.graph("other"), f.graph("deleted")
	f.graph("empty")
	running, late := f.first(graph, 2), next(f.ended(graph, 3, 0), "ended late")
	running.Head.Wake = 50
	late.Head.StoppedAt = 200
	f.stored(f.ended(graph, 1, 99), running, f.first(graph, 3), f.ended(graph, 4, 100), f.ended(graph, 5, 5),
		f.ended(other, 1, 1), f.ended(other, 100, 100), f.ended(deleted, 1, 1))
	f.stored(late)
	f.no(f.store.DeleteGraph(f.Context(), deleted, 1000))

	f.expire(100, 10)
	f.has(graph, 4, 3, 2)
	f.has(other, 100)
	f.absent(store.Key{Graph: graph, ID: id(1)})
	f.holds(running, "started 2")
	f.holds(late, "started 3", "ended late")
	f.expire(100, 10)
	f.reopen()
	f.has(graph, 4, 3, 2)

	// Nothing is left of what was removed, and what is left goes on.
	again := f.first(graph, 1)
	again.Records = []byte("another")
	f.stored(again, next(running, "second"))
	f.holds(again, "another")
	f.has(graph, 4, 3, 2, 1)
	for more := true; more; {
		var err error
		more, err = f.store.Purge(f.Context(), 0, 10)
		f.no(err)
	}
}

func testExpireInSteps(f *fixture) {
	graph, other := f.graph("video"), f.graph("other")
	for n := range 25 {
		f.stored(f.ended(graph, n, 30), f.ended(other, n, 30))
	}
	// Running ones do not keep a pass from what comes after them.
	f.executions(graph, 25, 15)
	f.stored(f.ended(graph, 40, 41))

	from := (*store.Key)(nil)
	for _, left := range []int64{31, 21, 16} {
		next, err := f.store.Expire(f.Context(), 100, from, 10)
		f.no(err)
		if g, err := f.store.GraphByID(f.Context(), graph); err != nil || g.Executions != left {
			f.Fatalf("%d executions are left, %v; want %d", g.Executions, err, left)
		}
		from = next
	}
	f.expire(100, 10)
	f.has(graph, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25)
	f.has(other)
}

func testExpireYoung(f *fixture) {
	graph := f.graph("video")
	for n := 1; n <= 90; n++ {
		f.stored(f.ended(graph, n, journal.Millis(n)))
	}
	if steps := f.expire(16, 10); steps > 4 {
		f.Errorf("a pass over 15 old executions of 90 took %d steps of 10", steps)
	}
	if g, err := f.store.GraphByID(f.Context(), graph); err != nil || g.Executions != 75 {
		f.Errorf("%d executions are left, %v; want 75", g.Executions, err)
	}
}

func testExpireKeyed(f *fixture) {
	graph, other := f.graph("video"), f.graph("other")
	one := f.keyed(graph, 1, "k") // until 1000
	f.stored(one, f.ended(other, 1, 2))
	end := next(one, "ended")
	end.Head.StoppedAt, end.Head.Wake = 2, store.Never
	f.stored(end)
	purge := func(now journal.Millis) {
		f.Helper()
		_, err := f.store.Purge(f.Context(), now, 10)
		f.no(err)
	}

	purge(999)
	f.expire(500, 10)
	f.has(graph, 1)
	f.has(other) // a key counts for one graph
	end.Key = one.Key
	f.used(f.commit(f.keyed(graph, 2, "k"))[0], end)

	purge(1000)
	f.expire(500, 10)
	f.has(graph)
	f.stored(f.keyed(graph, 3, "k"))
	f.has(graph, 3)
}
