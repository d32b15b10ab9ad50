package postgres

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// Expire removes some of the executions that ended long ago. It looks first,
// beside the transaction that writes: most steps find nothing to remove. What it
// finds has ended, and so does not change before it is removed.
func (s *Store) Expire(ctx context.Context, endedBefore journal.Millis, from *store.Key, limit int) (*store.Key, error) {
	if from == nil {
		from = &store.Key{}
	}
	var found expiry
	err := s.read(ctx, "find old executions", func(ctx context.Context, c *conn) (err error) {
		found, err = findOld(ctx, c, endedBefore, *from, limit)
		return err
	})
	if err == nil && len(found.old) > 0 {
		err = s.remove(ctx, found)
	}
	if err != nil {
		return nil, err
	}
	return found.next, nil
}

// expiry is what one step of a pass over old executions has found.
type expiry struct {
	graph store.GraphID
	old   [][]byte   // the ids of those to remove
	next  *store.Key // where the pass goes on; nil if it is over
}

// findOld looks at up to limit executions of the first graph from a key on.
func findOld(ctx context.Context, c *conn, endedBefore journal.Millis, from store.Key, limit int) (expiry, error) {
	var found expiry
	err := c.row(ctx, "SELECT id FROM graphs WHERE id >= $1 AND deleted_at IS NULL ORDER BY id LIMIT 1",
		[]any{from.Graph}, &found.graph)
	if errors.Is(err, store.ErrNotFound) {
		return expiry{}, nil
	}
	if err != nil {
		return expiry{}, err
	}
	if found.graph != from.Graph {
		from = store.Key{Graph: found.graph}
	}
	found.old, err = collect(ctx, c, pgx.RowTo[[]byte], `
		SELECT e.id
		FROM (SELECT graph, id, stopped_at FROM executions WHERE graph = $1 AND id >= $2 ORDER BY id LIMIT $3) AS e
		WHERE e.stopped_at > 0 AND e.stopped_at < $4
			AND NOT EXISTS (SELECT FROM idempotency_keys k WHERE k.graph = e.graph AND k.execution = e.id)`,
		from.Graph, from.ID[:], limit, endedBefore)
	if err != nil {
		return expiry{}, err
	}
	found.next, err = keyBehind(ctx, c, endedBefore, from, limit)
	return found, err
}

// keyBehind returns the key that follows limit executions from a key on: that of
// the graph's next execution if it is old enough, or else the next graph's first.
func keyBehind(ctx context.Context, c *conn, endedBefore journal.Millis, from store.Key, limit int) (*store.Key, error) {
	next := store.Key{Graph: from.Graph}
	err := c.row(ctx, `
		SELECT id
		FROM (SELECT id, started_at FROM executions WHERE graph = $1 AND id >= $2 ORDER BY id LIMIT 1 OFFSET $3) AS e
		WHERE started_at < $4`,
		[]any{from.Graph, from.ID[:], limit, endedBefore}, (*byteaID)(&next.ID))
	if errors.Is(err, store.ErrNotFound) {
		return &store.Key{Graph: from.Graph + 1}, nil
	}
	return &next, err
}

// remove removes the old executions, and puts their blocks in order.
func (s *Store) remove(ctx context.Context, found expiry) error {
	var joined bool
	err := s.write(ctx, "remove old executions", func(ctx context.Context, c *conn) error {
		numbers, err := found.remove(ctx, c)
		if err == nil {
			joined, err = s.thin(ctx, c, found.graph, numbers)
		}
		return err
	})
	if joined {
		s.keeper.Look(found.graph)
	}
	return err
}

// remove removes the old executions and their journals, and takes them out of
// their blocks, whose numbers it returns. Of two nodes that remove one at the same
// time, one counts it.
func (x *expiry) remove(ctx context.Context, c *conn) (numbers []int64, err error) {
	var b pgx.Batch
	// A survey that another node keeps meanwhile is seen by what follows, or waits.
	b.Queue(`
		SELECT FROM blocks
		WHERE graph = $1 AND block IN (SELECT block FROM executions WHERE graph = $1 AND id = ANY($2))
		ORDER BY block FOR UPDATE`,
		x.graph, x.old)
	b.Queue("DELETE FROM journal WHERE graph = $1 AND execution = ANY($2)", x.graph, x.old)
	b.Queue(`
		WITH removed AS (DELETE FROM executions WHERE graph = $1 AND id = ANY($2) RETURNING shard, block, name),
		counted AS (
			UPDATE execution_counts n SET executions = n.executions - r.executions
			FROM (SELECT shard, count(*) AS executions FROM removed GROUP BY shard) AS r
			WHERE n.graph = $1 AND n.shard = r.shard),
		named AS (
			UPDATE block_names n SET executions = n.executions - r.executions
			FROM (
				SELECT block, first, count(*) AS executions
				FROM removed r CROSS JOIN LATERAL
					(SELECT first FROM block_names n WHERE n.graph = $1 AND n.block = r.block AND n.first <= r.name
					ORDER BY first DESC LIMIT 1) AS n
				GROUP BY block, first) AS r
			WHERE n.graph = $1 AND n.block = r.block AND n.first = r.first)
		UPDATE blocks b SET executions = b.executions - r.executions, changes = b.changes + 1
		FROM (SELECT block, count(*) AS executions FROM removed GROUP BY block) AS r
		WHERE b.graph = $1 AND b.block = r.block
		RETURNING b.block`,
		x.graph, x.old).
		Query(func(rows pgx.Rows) (err error) {
			numbers, err = pgx.CollectRows(rows, pgx.RowTo[int64])
			return err
		})
	err = c.send(ctx, &b)
	slices.Sort(numbers)
	return numbers, err
}
