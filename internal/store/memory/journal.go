package memory

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// Commit stores many turns at once.
func (s *Store) Commit(ctx context.Context, turns []store.Turn) ([]store.Outcome, error) {
	outcomes := make([]store.Outcome, len(turns))
	err := s.write(ctx, "Commit", func() error {
		for i := range turns {
			outcomes[i] = s.store(&turns[i])
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}

// store stores one turn, or refuses it without having changed anything.
func (d *data) store(t *store.Turn) store.Outcome {
	if err := t.Check(); err != nil {
		return store.Outcome{Err: err}
	}
	if !d.current(t.Lease) {
		return store.Outcome{Err: store.ErrFenced}
	}
	g, err := d.live(t.Head.Graph)
	if err != nil {
		return store.Outcome{Err: err}
	}
	x, there := d.executions[t.Head.Key]
	if t.After == 0 {
		if earlier := d.earlier(t); earlier != nil {
			return store.Outcome{Err: store.ErrExists, Earlier: earlier}
		}
		if t.Tick != nil && !d.due(t.Head.Graph, t.Tick) {
			return store.Outcome{Err: store.ErrNotDue}
		}
		if there {
			return store.Outcome{Err: store.ErrStale}
		}
		d.create(g, t)
		return store.Outcome{}
	}
	switch {
	case !there:
		return store.Outcome{Err: store.ErrNotFound}
	case x.shard != t.Lease.Shard:
		return store.Outcome{Err: store.ErrFenced}
	case x.head.Seq != t.After:
		return store.Outcome{Err: store.ErrStale}
	}
	x.head.Seq, x.head.Status = t.Head.Seq, t.Head.Status
	x.head.StoppedAt, x.head.Wake = t.Head.StoppedAt, t.Head.Wake
	x.records = append(x.records, slices.Clone(t.Records))
	d.wait(x, t)
	return store.Outcome{}
}

// create stores the first turn of an execution.
func (d *data) create(g *graph, t *store.Turn) {
	g.Executions++
	x := &execution{
		head:    t.Head,
		shard:   t.Lease.Shard,
		records: [][]byte{slices.Clone(t.Records)},
	}
	d.executions[t.Head.Key] = x
	d.wait(x, t)
	if t.Key != nil {
		d.keys[graphKey{t.Head.Graph, t.Key.Text}] = idempotency{t.Key.Request, t.Key.Expires, t.Head.ID}
	}
	if t.Tick != nil {
		d.tick(t.Tick)
	}
}

// earlier returns the start that used the turn's key, or nil.
func (d *data) earlier(t *store.Turn) *store.Earlier {
	if t.Key == nil {
		return nil
	}
	used, ok := d.keys[graphKey{t.Head.Graph, t.Key.Text}]
	if !ok || used.expires <= t.Head.StartedAt {
		return nil
	}
	x := d.executions[store.Key{Graph: t.Head.Graph, ID: used.execution}]
	return &store.Earlier{Request: used.request, Head: x.head}
}

// Load returns an execution's head and journal.
func (s *Store) Load(ctx context.Context, key store.Key) (store.Head, [][]byte, error) {
	var head store.Head
	var records [][]byte
	err := s.read(ctx, "Load", func() error {
		if _, err := s.live(key.Graph); err != nil {
			return err
		}
		x, ok := s.executions[key]
		if !ok {
			return store.ErrNotFound
		}
		head = x.head
		for _, r := range x.records {
			records = append(records, slices.Clone(r))
		}
		return nil
	})
	return head, records, err
}

// Expire removes some of a graph's executions that ended long ago.
func (s *Store) Expire(ctx context.Context, endedBefore journal.Millis, from *store.Key, limit int) (*store.Key, error) {
	if from == nil {
		from = &store.Key{}
	}
	var next *store.Key
	err := s.write(ctx, "Expire", func() error {
		next = s.expire(endedBefore, *from, limit)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return next, nil
}

func (d *data) expire(endedBefore journal.Millis, from store.Key, limit int) *store.Key {
	for _, id := range slices.Sorted(maps.Keys(d.graphs)) {
		g := d.graphs[id]
		if id < from.Graph || g.deleted {
			continue
		}
		all := d.executionsOf(id)
		if id == from.Graph {
			all = slices.DeleteFunc(all, func(x *execution) bool { return bytes.Compare(x.head.ID[:], from.ID[:]) < 0 })
		}
		for _, x := range all[:min(limit, len(all))] {
			if x.head.StoppedAt > 0 && x.head.StoppedAt < endedBefore && !d.keyed(x.head.Key) {
				delete(d.executions, x.head.Key)
				g.Executions--
			}
		}
		if len(all) > limit && all[limit].head.StartedAt < endedBefore {
			next := all[limit].head.Key
			return &next
		}
		return &store.Key{Graph: id + 1}
	}
	return nil
}

// keyed reports whether an idempotency key answers with an execution.
func (d *data) keyed(key store.Key) bool {
	for k, used := range d.keys {
		if k.graph == key.Graph && used.execution == key.ID {
			return true
		}
	}
	return false
}
