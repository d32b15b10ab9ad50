package storetest

import "heddle/internal/store"

// keyed makes the first turn of execution n under a key.
func (f *fixture) keyed(graph store.GraphID, n int, key string) store.Turn {
	t := f.first(graph, n)
	t.Key = &store.IdempotencyKey{Text: key, Request: [32]byte{1, 2, 31: byte(n)}, Expires: 1000}
	return t
}

// used fails the test unless the outcome names the start that used the key.
func (f *fixture) used(o store.Outcome, by store.Turn) {
	f.Helper()
	f.want(o.Err, store.ErrExists)
	if o.Earlier == nil {
		f.Fatal("the earlier start is not named")
	}
	if want := (store.Earlier{Request: by.Key.Request, Head: by.Head}); *o.Earlier != want {
		f.Errorf("earlier start\n got %+v\nwant %+v", *o.Earlier, want)
	}
}

func testKey(f *fixture) {
	graph, other := f.graph("video"), f.graph("other")
	one := f.keyed(graph, 1, "order 7")
	f.stored(one)
	f.used(f.commit(f.keyed(graph, 2, "order 7"))[0], one)
	f.absent(store.Key{Graph: graph, ID: id(2)})
	// Also where the start itself comes again.
	f.used(f.commit(one)[0], one)
	f.stored(f.keyed(graph, 3, "order 8"), f.keyed(graph, 4, "Order 7"), f.keyed(other, 5, "order 7"))

	// The head is as it is now, not as it was then.
	moved := next(one, "second")
	f.stored(moved)
	f.reopen()
	moved.Key = one.Key
	f.used(f.commit(f.keyed(graph, 6, "order 7"))[0], moved)
	if g, err := f.store.GraphByID(f.Context(), graph); err != nil || g.Executions != 3 {
		f.Errorf("%d executions, %v", g.Executions, err)
	}
}

func testKeyInBatch(f *fixture) {
	graph := f.graph("video")
	one := f.keyed(graph, 1, "k")
	outcomes := f.commit(one, f.keyed(graph, 2, "k"), f.keyed(graph, 3, "other"), f.keyed(graph, 4, "k"))
	f.no(outcomes[0].Err)
	f.no(outcomes[2].Err)
	f.used(outcomes[1], one)
	f.used(outcomes[3], one)
	f.absent(store.Key{Graph: graph, ID: id(2)})
}

func testKeyExpires(f *fixture) {
	graph := f.graph("video")
	one := f.keyed(graph, 1, "k")
	f.stored(one)
	last := f.keyed(graph, 2, "k")
	last.Head.StartedAt = one.Key.Expires - 1
	f.used(f.commit(last)[0], one)
	free := f.keyed(graph, 3, "k")
	free.Head.StartedAt = one.Key.Expires
	free.Key.Expires = 2000
	f.stored(free)
	last.Head.StartedAt = 1999
	f.used(f.commit(last)[0], free)
}

func testKeyRefused(f *fixture) {
	graph := f.graph("video")
	f.stored(f.first(graph, 1))
	f.want(f.commit(f.keyed(graph, 1, "k"))[0].Err, store.ErrStale)
	fenced := f.keyed(graph, 2, "k")
	fenced.Lease.Epoch++
	f.want(f.commit(fenced)[0].Err, store.ErrFenced)
	f.stored(f.keyed(graph, 3, "k"))
}
