package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"heddle/internal/store"
)

// conn is a connection that one call has to itself. The driver prepares each
// statement once on it.
type conn struct{ *pgx.Conn }

// exec runs a statement and returns how many rows it changed.
func (c *conn) exec(ctx context.Context, text string, args ...any) (int64, error) {
	tag, err := c.Exec(ctx, text, args...)
	return tag.RowsAffected(), err
}

// row scans the first row of a query, or returns store.ErrNotFound.
func (c *conn) row(ctx context.Context, text string, args []any, dest ...any) error {
	err := c.QueryRow(ctx, text, args...).Scan(dest...)
	if errors.Is(err, pgx.ErrNoRows) {
		return store.ErrNotFound
	}
	return err
}

// collect returns what scan makes of each row of a query.
func collect[T any](ctx context.Context, c *conn, scan pgx.RowToFunc[T], text string, args ...any) ([]T, error) {
	rows, err := c.Query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}

// send sends statements at once and hands their answers to their functions.
func (c *conn) send(ctx context.Context, b *pgx.Batch) error { return c.SendBatch(ctx, b).Close() }
