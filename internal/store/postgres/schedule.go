package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"heddle/internal/store"
)

// Due returns executions that need attention, in the order of Wake and Key.
func (s *Store) Due(ctx context.Context, shard store.Shard, until store.Wake, after *store.Due, limit int) ([]store.Due, error) {
	if after == nil {
		after = &store.Due{Wake: store.Never}
	}
	var due []store.Due
	err := s.read(ctx, "find due executions", func(ctx context.Context, c *conn) (err error) {
		due, err = collect(ctx, c, dueFromRow, `
			SELECT e.graph, e.id, e.wake
			FROM executions e JOIN graphs g ON g.id = e.graph
			WHERE e.shard = $1 AND e.wake >= 0 AND e.wake <= $2 AND (e.wake, e.graph, e.id) > ($3, $4, $5)
				AND g.deleted_at IS NULL
			ORDER BY e.wake, e.graph, e.id
			LIMIT $6`,
			shard, until, after.Wake, after.Graph, after.ID[:], limit)
		return err
	})
	return due, err
}

func dueFromRow(row pgx.CollectableRow) (d store.Due, err error) {
	err = row.Scan(&d.Graph, (*byteaID)(&d.ID), &d.Wake)
	return d, err
}

// NextWake returns the smallest Wake above after.
func (s *Store) NextWake(ctx context.Context, shard store.Shard, after store.Wake) (store.Wake, error) {
	next := store.Never
	err := s.read(ctx, "find the next wake-up", func(ctx context.Context, c *conn) error {
		err := c.row(ctx, `
			SELECT e.wake
			FROM executions e JOIN graphs g ON g.id = e.graph
			WHERE e.shard = $1 AND e.wake >= 0 AND e.wake > $2 AND g.deleted_at IS NULL
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
