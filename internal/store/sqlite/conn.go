package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"heddle/internal/store"
)

// conn is one connection to the database and the statements that were prepared
// on it, by their text. One goroutine at a time uses it: the one that took it
// from its channel in the Store.
type conn struct {
	sql        *sql.Conn
	statements map[string]*sql.Stmt
}

func newConn(ctx context.Context, db *sql.DB) (*conn, error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{sql: c, statements: map[string]*sql.Stmt{}}, nil
}

// statement prepares a statement once. The texts are constants, so there is an
// end to them.
func (c *conn) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if s, ok := c.statements[text]; ok {
		return s, nil
	}
	s, err := c.sql.PrepareContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", text, err)
	}
	c.statements[text] = s
	return s, nil
}

// exec runs a statement and returns how many rows it changed.
func (c *conn) exec(ctx context.Context, text string, args ...any) (int64, error) {
	s, err := c.statement(ctx, text)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// row scans the first row of a query, or returns store.ErrNotFound.
func (c *conn) row(ctx context.Context, text string, args []any, dest ...any) error {
	s, err := c.statement(ctx, text)
	if err != nil {
		return err
	}
	err = s.QueryRowContext(ctx, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return store.ErrNotFound
	}
	return err
}

// collect returns what scan makes of each row of a query.
func collect[T any](ctx context.Context, c *conn, scan func(*sql.Rows) (T, error), text string, args ...any) ([]T, error) {
	s, err := c.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// close gives up the statements and the connection.
func (c *conn) close() error {
	var errs []error
	for _, s := range c.statements {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.sql.Close())...)
}
