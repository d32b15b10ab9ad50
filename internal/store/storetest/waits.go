package storetest

import (
	"fmt"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// waiters fails the test unless these wait for a trigger, each as
// "execution since".
func (f *fixture) waiters(trigger store.TriggerID, want ...string) {
	f.Helper()
	all, err := f.store.Waiters(f.Context(), trigger, nil, 100)
	f.no(err)
	got := []string{}
	for i, w := range all {
		got = append(got, fmt.Sprintf("%d %d", w.ID[len(w.ID)-1], w.Since))
		if after, err := f.store.Waiters(f.Context(), trigger, &all[i], 1); err != nil || len(after) != min(1, len(all)-i-1) {
			f.Errorf("after waiter %d come %v, %v", i, after, err)
		} else if len(after) == 1 && after[0] != all[i+1] {
			f.Errorf("after waiter %d comes %v, want %v", i, after[0], all[i+1])
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		f.Errorf("waiters of trigger %d: got %v, want %v", trigger, got, want)
	}
}

// waits makes a turn say what its execution waits for.
func waits(t store.Turn, all ...store.Wait) store.Turn {
	w := store.Waits(all)
	t.Waits = &w
	return t
}

func testWaits(f *fixture) {
	graph := f.graph("video")
	put, told := f.trigger("put", "topic").ID, f.trigger("told", "topic").ID
	f.accepted(1, []store.Arrival{arrival("a", put, told)}, true)

	one := waits(f.first(graph, 1), store.Wait{Trigger: put}, store.Wait{Trigger: told})
	two := waits(f.first(graph, 2), store.Wait{Trigger: put})
	f.stored(two, one, f.first(graph, 3))
	f.accepted(2, []store.Arrival{arrival("b", told)}, true)
	f.stored(waits(f.first(graph, 4), store.Wait{Trigger: put}))
	f.waiters(put, "1 2", "2 2", "4 3")
	f.waiters(told, "1 2")

	// A turn that says nothing changes nothing; what goes on goes on as it began.
	one, two = next(one, "second"), next(two, "second")
	one.Waits, two.Waits = nil, nil
	f.stored(one, two)
	f.waiters(put, "1 2", "2 2", "4 3")
	one, two = waits(next(one, "third"), store.Wait{Trigger: put}), waits(next(two, "third"), store.Wait{Trigger: put}, store.Wait{Trigger: told})
	f.stored(one, two)
	f.waiters(put, "1 2", "2 2", "4 3")
	f.waiters(told, "2 3")

	// A turn that is refused changes nothing.
	stale := waits(f.first(graph, 4))
	f.want(f.commit(stale)[0].Err, store.ErrStale)
	f.reopen()
	f.waiters(put, "1 2", "2 2", "4 3")

	one, two = waits(next(one, "last")), waits(next(two, "last"))
	one.Head.Status, one.Head.StoppedAt, one.Head.Wake = journal.Success, 9, store.Never
	f.stored(one, two)
	f.waiters(put, "4 3")
	f.waiters(told)
}

func testAwaitedTrigger(f *fixture) {
	graph, gone := f.graph("video"), f.graph("gone")
	put, other := f.trigger("put", "topic").ID, f.trigger("other", "topic").ID
	x := waits(f.first(graph, 1), store.Wait{Trigger: put})
	f.stored(x, waits(f.first(gone, 2), store.Wait{Trigger: other}))
	f.want(f.store.DeleteTrigger(f.Context(), put), store.ErrNamed)
	f.want(f.store.DeleteTrigger(f.Context(), other), store.ErrNamed)
	f.stored(waits(next(x, "taken")))
	f.no(f.store.DeleteTrigger(f.Context(), put))
	f.no(f.store.DeleteGraph(f.Context(), gone, 1))
	f.no(f.store.DeleteTrigger(f.Context(), other))
}

func testOffers(f *fixture) {
	graph := f.graph("video")
	asked := f.trigger("asked", "topic").ID
	offer := func(t store.Turn, at journal.Millis) store.Turn {
		return waits(t, store.Wait{Trigger: asked, Offered: at})
	}
	one, two, three := offer(f.first(graph, 1), 30), offer(f.first(graph, 2), 10), offer(f.first(graph, 3), 10)
	f.stored(one, two, three)
	f.waiters(asked, "2 10", "3 10", "1 30")

	two, three = offer(next(two, "again"), 40), waits(next(three, "taken"))
	f.stored(two, three)
	f.waiters(asked, "1 30", "2 40")

	// Several turns of one execution in one commit: the last counts.
	again := offer(next(one, "again"), 50)
	f.stored(again, waits(next(again, "taken")))
	f.waiters(asked, "2 40")
}

func testWaitsOfDeleted(f *fixture) {
	graph, other := f.graph("video"), f.graph("other")
	put := f.trigger("put", "topic").ID
	var turns []store.Turn
	for n := range 5 {
		turns = append(turns, waits(f.first(graph, n), store.Wait{Trigger: put}))
	}
	f.stored(append(turns, waits(f.first(other, 9), store.Wait{Trigger: put}))...)
	f.no(f.store.DeleteGraph(f.Context(), graph, 1))
	f.waiters(put, "9 0")
	for more := true; more; {
		var err error
		more, err = f.store.Purge(f.Context(), 1, 2)
		f.no(err)
	}
	f.waiters(put, "9 0")
}
