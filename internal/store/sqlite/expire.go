package sqlite

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// Expire removes some of the executions that ended long ago. It looks first,
// beside the connection that writes: most steps find nothing to remove. What it
// finds has ended, and so does not change before it is removed.
func (s *Store) Expire(ctx context.Context, endedBefore journal.Millis, from *store.Key, limit int) (*store.Key, error) {
	if from == nil {
		from = &store.Key{}
	}
	var found expiry
	err := s.read(ctx, "find old executions", func(c *conn) (err error) {
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
	err := c.row(ctx, "SELECT id FROM graphs WHERE id >= ? AND deleted_at IS NULL ORDER BY id LIMIT 1",
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
	found.old, err = collect(ctx, c, bytesFromRow, `
		SELECT e.id
		FROM (SELECT graph, id, stopped_at FROM executions WHERE graph = ? AND id >= ? ORDER BY id LIMIT ?) e
		WHERE e.stopped_at > 0 AND e.stopped_at < ?
			AND NOT EXISTS (SELECT 1 FROM idempotency_keys k WHERE k.graph = e.graph AND k.execution = e.id)`,
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
		FROM (SELECT id, started_at FROM executions WHERE graph = ? AND id >= ? ORDER BY id LIMIT 1 OFFSET ?)
		WHERE started_at < ?`,
		[]any{from.Graph, from.ID[:], limit, endedBefore}, (*blobID)(&next.ID))
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
// their blocks. It returns the numbers of these.
func (x *expiry) remove(ctx context.Context, c *conn) ([]int64, error) {
	ids := make([]string, len(x.old))
	for i, id := range x.old {
		ids[i] = hex.EncodeToString(id)
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	numbers, err := takeOut(ctx, c, x.graph, string(list))
	if err != nil {
		return nil, err
	}
	if _, err := c.exec(ctx, "DELETE FROM journal WHERE graph = ? AND execution IN (SELECT unhex(value) FROM json_each(?))",
		x.graph, string(list)); err != nil {
		return nil, err
	}
	removed, err := c.exec(ctx, "DELETE FROM executions WHERE graph = ? AND id IN (SELECT unhex(value) FROM json_each(?))",
		x.graph, string(list))
	if err != nil {
		return nil, err
	}
	_, err = c.exec(ctx, "UPDATE graphs SET executions = executions - ? WHERE id = ?", removed, x.graph)
	return numbers, err
}
