package postgres

import (
	"context"

	"heddle/internal/store"
)

// Commit stores many turns in one transaction. However many they are, it takes
// four exchanges with the server: begin, read what the turns are about, write
// what has come of it, commit. What becomes of each turn is decided in between.
func (s *Store) Commit(ctx context.Context, turns []store.Turn) ([]store.Outcome, error) {
	outcomes := make([]store.Outcome, len(turns))
	err := s.write(ctx, "commit turns", func(ctx context.Context, c *conn) error {
		k, err := learn(ctx, c, turns)
		if err != nil {
			return err
		}
		b := batch{known: k, counts: map[share]int64{}}
		for i := range turns {
			outcomes[i] = b.add(&turns[i])
		}
		for share, n := range b.counts {
			s.keeper.Add(share.graph, n)
		}
		return b.store(ctx, c)
	})
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}

// batch is the turns of one transaction that are stored, and what has become of
// the executions.
type batch struct {
	*known
	created  []*execution
	advanced []*execution
	turns    []*store.Turn
	waits    []waiting
	starts   []*start // those with a key
	ticks    []store.Tick
	counts   map[share]int64
}

// share is the executions of one graph in one shard.
type share struct {
	graph store.GraphID
	shard store.Shard
}

// add adds a turn, or refuses it without having changed anything.
func (b *batch) add(t *store.Turn) store.Outcome {
	if err := t.Check(); err != nil {
		return store.Outcome{Err: err}
	}
	if !b.leases[t.Lease] {
		return store.Outcome{Err: store.ErrFenced}
	}
	open, live := b.graphs[t.Head.Graph]
	if !live {
		return store.Outcome{Err: store.ErrNotFound}
	}
	if t.After == 0 {
		return b.create(t, open)
	}
	return b.advance(t)
}

// create adds the first turn of an execution, and that to the block.
func (b *batch) create(t *store.Turn, block int64) store.Outcome {
	if earlier := b.earlier(t); earlier != nil {
		return store.Outcome{Err: store.ErrExists, Earlier: earlier}
	}
	if t.Tick != nil && b.timers[t.Tick.Timer] != (timer{t.Head.Graph, t.Tick.Revision}) {
		return store.Outcome{Err: store.ErrNotDue}
	}
	if b.executions[t.Head.Key] != nil {
		return store.Outcome{Err: store.ErrStale}
	}
	x := &execution{head: t.Head, shard: t.Lease.Shard, block: block, changed: true}
	b.executions[t.Head.Key] = x
	b.created = append(b.created, x)
	b.turns = append(b.turns, t)
	b.wait(t)
	b.counts[share{t.Head.Graph, t.Lease.Shard}]++
	if t.Key != nil {
		b.use(t)
	}
	if t.Tick != nil {
		delete(b.timers, t.Tick.Timer) // what it has from now on is not known
		b.ticks = append(b.ticks, *t.Tick)
	}
	return store.Outcome{}
}

// use notes that the turn used its key, which is free or has expired.
func (b *batch) use(t *store.Turn) {
	name := keyName{t.Head.Graph, t.Key.Text}
	used := b.keys[name]
	if used == nil {
		used = &start{}
		b.keys[name] = used
	}
	if !used.changed {
		b.starts = append(b.starts, used)
	}
	*used = start{IdempotencyKey: *t.Key, execution: t.Head.Key, at: t.Head.StartedAt, changed: true}
}

// earlier returns the start that used the turn's key, or nil.
func (b *batch) earlier(t *store.Turn) *store.Earlier {
	if t.Key == nil {
		return nil
	}
	used := b.keys[keyName{t.Head.Graph, t.Key.Text}]
	if used == nil || used.Expires <= t.Head.StartedAt {
		return nil
	}
	return &store.Earlier{Request: used.Request, Head: b.executions[used.execution].head}
}

// advance adds a later turn of an execution.
func (b *batch) advance(t *store.Turn) store.Outcome {
	x := b.executions[t.Head.Key]
	switch {
	case x == nil:
		return store.Outcome{Err: store.ErrNotFound}
	case x.shard != t.Lease.Shard:
		return store.Outcome{Err: store.ErrFenced}
	case x.head.Seq != t.After:
		return store.Outcome{Err: store.ErrStale}
	}
	x.head.Seq, x.head.Status = t.Head.Seq, t.Head.Status
	x.head.StoppedAt, x.head.Wake = t.Head.StoppedAt, t.Head.Wake
	if !x.changed {
		x.changed = true
		b.advanced = append(b.advanced, x)
	}
	b.turns = append(b.turns, t)
	b.wait(t)
	return store.Outcome{}
}
