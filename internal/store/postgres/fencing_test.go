package postgres_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"heddle/internal/store"
)

// ranOut is a time to live that is over before the lease is given.
const ranOut = -time.Second

// waits blocks until a session of the database waits for a lock.
func (d *database) waits(t *testing.T) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), address())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	for waiting := false; !waiting; {
		if err := c.QueryRow(t.Context(), `
			SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock')`,
			d.schema).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTakenEpochCannotWrite(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	a := newNode(t, d.config("a")).prepare()
	a.passes(1)
	b := newNode(t, d.config("b"))
	_, err := b.Acquire(t.Context(), 0, "b", time.Hour)
	want(t, err, store.ErrExists)
	if err := a.Renew(t.Context(), a.lease, ranOut); err != nil {
		t.Fatal(err)
	}
	b.graph = a.graph
	b.take(0)

	want(t, a.start(2), store.ErrFenced)
	want(t, a.Renew(t.Context(), a.lease, time.Hour), store.ErrFenced)
	if err := a.Release(t.Context(), a.lease); err != nil {
		t.Fatal(err)
	}
	b.passes(2)
	// Another shard is still free for it.
	a.take(1)
	a.passes(3)
	next := store.Turn{Lease: a.lease, Head: store.Head{Key: a.key(1), Seq: 2}, After: 1, Records: []byte("of shard 0")}
	outcomes, err := a.Commit(t.Context(), []store.Turn{next})
	if err != nil {
		t.Fatal(err)
	}
	want(t, outcomes[0].Err, store.ErrFenced)
}

// A takeover that comes while the owner commits waits: what the owner had begun
// is there when the lease has been taken, and nothing comes after it.
func TestTakeoverWaitsForCommit(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	p := newProxy(t)
	cfg := d.config("a")
	cfg.URL = p.url(t, d)
	a := newNode(t, cfg).prepare()
	b := newNode(t, d.config("b"))
	b.graph = a.graph
	if err := a.Renew(t.Context(), a.lease, ranOut); err != nil {
		t.Fatal(err)
	}

	arrived, released := p.holdNext()
	written, taken := make(chan error), make(chan error)
	go func() { written <- a.start(1) }()
	<-arrived
	go func() {
		var err error
		b.lease, err = b.Acquire(t.Context(), 0, "b", time.Hour)
		taken <- err
	}()
	d.waits(t)
	close(released)
	if err := <-written; err != nil {
		t.Error(err)
	}
	if err := <-taken; err != nil {
		t.Fatal(err)
	}
	if !b.has(1) {
		t.Error("the former owner's last turn is not there")
	}
	want(t, a.start(2), store.ErrFenced)
	b.passes(2)
}

// Two nodes are asked to start under one key at once: the second waits, begins
// again, and finds the first one's start.
func TestKeyStartsOnceOnTwoNodes(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	p := newProxy(t)
	cfg := d.config("a")
	cfg.URL = p.url(t, d)
	a := newNode(t, cfg).prepare()
	b := newNode(t, d.config("b"))
	b.graph = a.graph
	b.take(1)
	keyed := func(n *node, number byte) []store.Turn {
		turn := n.turn(number)
		turn.Key = &store.IdempotencyKey{Text: "order 7", Expires: 1000}
		return []store.Turn{turn}
	}

	arrived, released := p.holdNext()
	type result struct {
		outcomes []store.Outcome
		err      error
	}
	first, second := make(chan result), make(chan result)
	go func() {
		outcomes, err := a.Commit(t.Context(), keyed(a, 1))
		first <- result{outcomes, err}
	}()
	<-arrived
	go func() {
		outcomes, err := b.Commit(t.Context(), keyed(b, 2))
		second <- result{outcomes, err}
	}()
	d.waits(t)
	close(released)
	if r := <-first; r.err != nil || r.outcomes[0].Err != nil {
		t.Errorf("the first start: %v, %v", r.outcomes, r.err)
	}
	r := <-second
	if r.err != nil {
		t.Fatal(r.err)
	}
	want(t, r.outcomes[0].Err, store.ErrExists)
	if earlier := r.outcomes[0].Earlier; earlier == nil || earlier.Head.Key != a.key(1) {
		t.Errorf("the earlier start is %+v", earlier)
	}
	if a.has(2) {
		t.Error("the second start is stored too")
	}
}

// Nodes that start executions of one graph at once count all of them.
func TestNodesCountTogether(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	a := newNode(t, d.config("a")).prepare()
	b := newNode(t, d.config("b"))
	b.graph = a.graph
	b.take(1)
	const each = 20
	done := make(chan error)
	for _, n := range []*node{a, b} {
		go func() {
			var failed error
			for i := range byte(each) {
				if err := n.start(2*i + byte(n.lease.Shard)); err != nil {
					failed = err
				}
			}
			done <- failed
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if g, err := b.GraphByID(t.Context(), a.graph); err != nil || g.Executions != 2*each {
		t.Errorf("%d executions, %v", g.Executions, err)
	}
}
