package sqlite

import (
	"context"
	"errors"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// Purge removes some of what is not needed any more: up to limit keys and names
// of arrivals that have expired, and of one deleted graph up to limit keys and executions, or
// the graph itself.
func (s *Store) Purge(ctx context.Context, now journal.Millis, limit int) (bool, error) {
	var more bool
	err := s.write(ctx, "purge", func(ctx context.Context, c *conn) error {
		expired, err := c.exec(ctx, `
			DELETE FROM idempotency_keys WHERE (graph, key) IN
				(SELECT graph, key FROM idempotency_keys WHERE expires_at <= ? LIMIT ?)`,
			now, limit)
		if err != nil {
			return err
		}
		inbox, err := purgeInbox(ctx, c, now, limit)
		if err != nil {
			return err
		}
		more = expired == int64(limit) || inbox

		var id store.GraphID
		err = c.row(ctx, "SELECT id FROM graphs WHERE deleted_at IS NOT NULL ORDER BY id LIMIT 1", nil, &id)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		more = true
		return purgeGraph(ctx, c, id, limit)
	})
	return more, err
}

// purgeGraph removes up to limit keys, executions and ranges of names of a
// deleted graph, or the graph if it has none. Nobody lists its executions, so
// that the ranges need not fit.
func purgeGraph(ctx context.Context, c *conn, id store.GraphID, limit int) error {
	keys, err := c.exec(ctx, `
		DELETE FROM idempotency_keys WHERE (graph, key) IN
			(SELECT graph, key FROM idempotency_keys WHERE graph = ? LIMIT ?)`,
		id, limit)
	if err != nil {
		return err
	}
	names, err := c.exec(ctx, `
		DELETE FROM block_names WHERE (graph, block, first) IN
			(SELECT graph, block, first FROM block_names WHERE graph = ? LIMIT ?)`,
		id, limit)
	if err != nil {
		return err
	}
	executions, err := purgeExecutions(ctx, c, id, limit)
	if err != nil || keys+names+executions > 0 {
		return err
	}
	for _, text := range []string{
		"DELETE FROM blocks WHERE graph = ?",
		"DELETE FROM graph_references WHERE graph = ?",
		"DELETE FROM definitions WHERE graph = ?",
		"DELETE FROM graphs WHERE id = ?",
	} {
		if _, err := c.exec(ctx, text, id); err != nil {
			return err
		}
	}
	return nil
}

// purgeExecutions removes up to limit of a graph's executions, the oldest first.
func purgeExecutions(ctx context.Context, c *conn, id store.GraphID, limit int) (int64, error) {
	var last []byte // the newest of those to remove; nil if there is none
	if err := c.row(ctx, "SELECT max(id) FROM (SELECT id FROM executions WHERE graph = ? ORDER BY id LIMIT ?)",
		[]any{id, limit}, &last); err != nil || last == nil {
		return 0, err
	}
	if _, err := c.exec(ctx, "DELETE FROM journal WHERE graph = ? AND execution <= ?", id, last); err != nil {
		return 0, err
	}
	if _, err := c.exec(ctx, "DELETE FROM waits WHERE graph = ? AND execution <= ?", id, last); err != nil {
		return 0, err
	}
	n, err := c.exec(ctx, "DELETE FROM executions WHERE graph = ? AND id <= ?", id, last)
	if err != nil {
		return 0, err
	}
	_, err = c.exec(ctx, "UPDATE graphs SET executions = executions - ? WHERE id = ?", n, id)
	return n, err
}
