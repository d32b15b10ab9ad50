package storetest

import (
	"time"

	"heddle/internal/store"
)

// ranOut is a time to live that is over before the lease is given.
const ranOut = -time.Second

func testAcquire(f *fixture) {
	if f.store.Shards() < 1 {
		f.Fatalf("%d shards", f.store.Shards())
	}
	_, err := f.store.Acquire(f.Context(), 0, "another", time.Hour)
	f.want(err, store.ErrExists)
	again, err := f.store.Acquire(f.Context(), 0, "node", time.Hour)
	f.no(err)
	if again.Shard != 0 || again.Epoch <= f.lease.Epoch {
		f.Errorf("after %+v comes %+v", f.lease, again)
	}
	for _, shard := range []store.Shard{-1, store.Shard(f.store.Shards())} {
		_, err = f.store.Acquire(f.Context(), shard, "node", time.Hour)
		f.want(err, store.ErrNotFound)
	}
}

func testTakeOver(f *fixture) {
	first := f.first(f.graph("video"), 1)
	f.stored(first)
	f.no(f.store.Renew(f.Context(), f.lease, ranOut))
	// What has not been taken over can still be written.
	second := next(first, "in time")
	f.stored(second)

	taken, err := f.store.Acquire(f.Context(), 0, "another", time.Hour)
	f.no(err)
	if taken.Epoch <= f.lease.Epoch {
		f.Errorf("after %+v comes %+v", f.lease, taken)
	}
	f.want(f.commit(next(second, "too late"))[0].Err, store.ErrFenced)
	f.want(f.store.Renew(f.Context(), f.lease, time.Hour), store.ErrFenced)
	f.no(f.store.Release(f.Context(), f.lease))
	_, err = f.store.Acquire(f.Context(), 0, "node", time.Hour)
	f.want(err, store.ErrExists)

	third := next(second, "by the other")
	third.Lease = taken
	f.stored(third)
	f.holds(third, "started 1", "in time", "by the other")
}

func testRenew(f *fixture) {
	f.no(f.store.Renew(f.Context(), f.lease, ranOut))
	f.no(f.store.Renew(f.Context(), f.lease, time.Hour))
	_, err := f.store.Acquire(f.Context(), 0, "another", time.Hour)
	f.want(err, store.ErrExists)
	f.want(f.store.Renew(f.Context(), store.Lease{Epoch: f.lease.Epoch + 1}, time.Hour), store.ErrFenced)
	f.want(f.store.Renew(f.Context(), store.Lease{Shard: 1 << 20, Epoch: 1}, time.Hour), store.ErrFenced)
}

func testRelease(f *fixture) {
	graph := f.graph("video")
	f.no(f.store.Release(f.Context(), f.lease))
	f.want(f.commit(f.first(graph, 1))[0].Err, store.ErrFenced)
	f.want(f.store.Renew(f.Context(), f.lease, time.Hour), store.ErrFenced)
	f.no(f.store.Release(f.Context(), f.lease))
	taken, err := f.store.Acquire(f.Context(), 0, "another", time.Hour)
	f.no(err)
	if taken.Epoch <= f.lease.Epoch {
		f.Errorf("after %+v comes %+v", f.lease, taken)
	}
}

func testEpochsGrow(f *fixture) {
	last := f.lease
	f.no(f.store.Release(f.Context(), last))
	for range 3 {
		f.reopen()
		f.acquire()
		if f.lease.Epoch <= last.Epoch {
			f.Errorf("after %+v comes %+v", last, f.lease)
		}
		last = f.lease
	}
}
