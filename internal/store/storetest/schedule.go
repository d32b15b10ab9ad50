package storetest

import (
	"math"
	"slices"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// waiting starts execution n of a graph so that it wakes at the given time.
func (f *fixture) waiting(graph store.GraphID, n int, wake store.Wake) store.Due {
	f.Helper()
	t := f.first(graph, n)
	t.Head.Wake = wake
	f.stored(t)
	return store.Due{Key: t.Head.Key, Wake: wake}
}

// due fails the test unless these are due, in this order.
func (f *fixture) due(until store.Wake, after *store.Due, limit int, want ...store.Due) {
	f.Helper()
	got, err := f.store.Due(f.Context(), 0, until, after, limit)
	f.no(err)
	if !slices.Equal(got, want) {
		f.Errorf("due until %d after %v\n got %v\nwant %v", until, after, got, want)
	}
}

func testDue(f *fixture) {
	a, b := f.graph("a"), f.graph("b")
	late := f.waiting(a, 1, 300)
	tieB := f.waiting(b, 2, 200)
	tieA3 := f.waiting(a, 3, 200)
	tieA2 := f.waiting(a, 2, 200)
	inHandB := f.waiting(b, 9, store.Now)
	inHandA := f.waiting(a, 10, store.Now)
	f.waiting(a, 11, store.Never)
	f.waiting(b, 12, 301)

	all := []store.Due{inHandA, inHandB, tieA2, tieA3, tieB, late}
	f.due(300, nil, 100, all...)
	f.due(299, nil, 100, all[:5]...)
	f.due(store.Now, nil, 100, all[:2]...)
	f.due(300, nil, 3, all[:3]...)
	f.due(300, nil, 0)
	for i := range all {
		f.due(300, &all[i], 100, all[i+1:]...)
		f.due(300, &all[i], 1, all[i+1:min(i+2, len(all))]...)
	}
	// A cursor need not be an execution: this one passes over all in hand.
	f.due(300, &store.Due{Key: store.Key{Graph: math.MaxInt64}, Wake: store.Now}, 100, all[2:]...)
	if got, err := f.store.Due(f.Context(), 1, 300, nil, 100); err != nil || len(got) != 0 {
		f.Errorf("due in another shard: %v, %v", got, err)
	}
}

func testDueMoves(f *fixture) {
	graph := f.graph("video")
	first := f.first(graph, 1)
	first.Head.Wake = 100
	f.stored(first)
	second := next(first, "moved")
	second.Head.Wake = 50
	f.stored(second)
	f.due(1000, nil, 10, store.Due{Key: first.Head.Key, Wake: 50})
	third := next(second, "ended")
	third.Head.Wake, third.Head.Status = store.Never, journal.Success
	f.stored(third)
	f.due(math.MaxInt64, nil, 10)
}

func testNextWake(f *fixture) {
	wake := func(after, want store.Wake) {
		f.Helper()
		if got, err := f.store.NextWake(f.Context(), 0, after); err != nil || got != want {
			f.Errorf("next wake-up after %d is %d, %v, want %d", after, got, err, want)
		}
	}
	wake(store.Now, store.Never)
	graph := f.graph("video")
	f.waiting(graph, 1, 300)
	f.waiting(graph, 2, 200)
	f.waiting(graph, 3, store.Never)
	wake(store.Never, 200)
	f.waiting(graph, 4, store.Now)
	wake(store.Never, store.Now)
	wake(store.Now, 200)
	wake(199, 200)
	wake(200, 300)
	wake(300, store.Never)
	if got, err := f.store.NextWake(f.Context(), 1, store.Never); err != nil || got != store.Never {
		f.Errorf("next wake-up in another shard: %d, %v", got, err)
	}
}
