package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"heddle/internal/store"
)

// Due returns executions that need attention, in the order of Wake and Key.
// CROSS JOIN keeps SQLite from beginning with the graphs.
func (s *Store) Due(ctx context.Context, shard store.Shard, until store.Wake, after *store.Due, limit int) ([]store.Due, error) {
	if after == nil {
		after = &store.Due{Wake: store.Never}
	}
	var due []store.Due
	err := s.readOwn(ctx, "find due executions", func(c *conn) (err error) {
		due, err = collect(ctx, c, dueFromRow, `
			SELECT e.graph, e.id, e.wake
			FROM executions e CROSS JOIN graphs g ON g.id = e.graph
			WHERE e.shard = ? AND e.wake >= 0 AND e.wake <= ? AND (e.wake, e.graph, e.id) > (?, ?, ?)
				AND g.deleted_at IS NULL
			ORDER BY e.wake, e.graph, e.id
			LIMIT ?`,
			shard, until, after.Wake, after.Graph, after.ID[:], limit)
		return err
	})
	return due, err
}

func dueFromRow(rows *sql.Rows) (d store.Due, err error) {
	err = rows.Scan(&d.Graph, (*blobID)(&d.ID), &d.Wake)
	return d, err
}

// NextWake returns the smallest Wake above after.
func (s *Store) NextWake(ctx context.Context, shard store.Shard, after store.Wake) (store.Wake, error) {
	next := store.Never
	err := s.readOwn(ctx, "find the next wake-up", func(c *conn) error {
		err := c.row(ctx, `
			SELECT e.wake
			FROM executions e CROSS JOIN graphs g ON g.id = e.graph
			WHERE e.shard = ? AND e.wake >= 0 AND e.wake > ? AND g.deleted_at IS NULL
			ORDER BY e.wake
			LIMIT 1`,
			[]any{shard, after}, &next)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	})
	return next, err
}
