package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"heddle/internal/store"
)

// write runs do in a transaction and returns when that is on the disk. If do
// returns an error, nothing has changed. do may run several times, each time on
// what has come of the database meanwhile.
func (s *Store) write(ctx context.Context, what string, do func(context.Context, *conn) error) error {
	return s.call(ctx, what, s.writer, func(limited context.Context, c *conn) error {
		number, err := s.change(limited, c, do)
		if err != nil {
			return err
		}
		return s.commit(ctx, c, number)
	})
}

// change begins a transaction and does all of it but the COMMIT. It returns the
// transaction's number.
func (s *Store) change(ctx context.Context, c *conn, do func(context.Context, *conn) error) (int64, error) {
	number, err := s.begin(ctx, c)
	if err == nil {
		err = do(ctx, c)
	}
	if err != nil && !c.IsClosed() {
		// If it fails, the connection has, and the server rolls back by itself.
		_, _ = c.exec(ctx, "ROLLBACK")
	}
	return number, err
}

// begin begins a transaction and counts it. It waits for the node's one before,
// if that is still at work behind a connection that was lost.
func (s *Store) begin(ctx context.Context, c *conn) (number int64, err error) {
	var b pgx.Batch
	b.Queue("BEGIN ISOLATION LEVEL READ COMMITTED")
	b.Queue("UPDATE nodes SET commit_number = commit_number + 1 WHERE node = $1 RETURNING commit_number", s.node).
		Query(func(rows pgx.Rows) error {
			// No row: the database is not the one that was opened.
			_, err := pgx.ForEachRow(rows, []any{&number}, func() error { return nil })
			return err
		})
	if err := c.send(ctx, &b); err != nil {
		return 0, err
	}
	s.inDoubt.Store(false) // the row is ours, so nobody is at work on it
	return number, s.compare(number-1, s.committed.Load())
}

// commit makes a transaction last. From here on the call is as good as done,
// whether or not its caller stays. What has become of one without an answer is
// settled when the node's next transaction has begun: see begin.
func (s *Store) commit(ctx context.Context, c *conn, number int64) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	switch tag, err := c.Exec(ctx, "COMMIT"); {
	case hasRolledBack(err):
		return err
	case err != nil:
		s.inDoubt.Store(true)
		return fmt.Errorf("%w: %w", store.ErrOutcomeUnknown, err)
	case tag.String() != "COMMIT":
		return errors.New("the database has rolled back")
	}
	s.committed.Store(number)
	s.mark.Acknowledge(number)
	return nil
}

// settle returns once the node's transactions have come to an end on the server,
// if one of them is in doubt.
func (s *Store) settle(ctx context.Context) error {
	if !s.inDoubt.Load() {
		return nil
	}
	return s.call(ctx, "settle the last commit", s.writer, func(ctx context.Context, c *conn) error {
		if !s.inDoubt.Load() { // others have settled it meanwhile
			return nil
		}
		_, err := s.begin(ctx, c)
		_, _ = c.exec(ctx, "ROLLBACK")
		return err
	})
}

// read runs do on a connection. Each query sees a snapshot of its own.
func (s *Store) read(ctx context.Context, what string, do func(context.Context, *conn) error) error {
	if err := s.settle(ctx); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return s.call(ctx, what, s.readers, do)
}

// readOnce runs do on one snapshot of the database.
func (s *Store) readOnce(ctx context.Context, what string, do func(context.Context, *conn) error) error {
	return s.read(ctx, what, func(ctx context.Context, c *conn) error {
		if _, err := c.exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); err != nil {
			return err
		}
		defer func() { _, _ = c.exec(ctx, "ROLLBACK") }()
		return do(ctx, c)
	})
}

// A call that fails by what may have passed is repeated, up to attemptsMax times
// in all, after a random time below pauseMax: writers of other nodes that met
// once must not meet again.
const (
	attemptsMax = 5
	pauseMax    = 50 * time.Millisecond
)

// call takes a place and does a call there.
func (s *Store) call(ctx context.Context, what string, p places, do func(context.Context, *conn) error) error {
	limited, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if err := p.enter(limited); err != nil {
		if ctx.Err() == nil {
			err = fmt.Errorf("%w: all connections are in use", store.ErrUnavailable)
		}
		return fmt.Errorf("%s: %w", what, err)
	}
	defer p.leave()
	for attempt := 1; ; attempt++ {
		err := classify(s.try(limited, do))
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil && errors.Is(err, store.ErrUnavailable): // it was cut off
			return fmt.Errorf("%s: %w", what, ctx.Err())
		case attempt == attemptsMax, !repeatable(err), !pause(limited):
			return fmt.Errorf("%s: %w", what, err)
		}
	}
}

// try does a call once, on a connection that is there for it.
func (s *Store) try(ctx context.Context, do func(context.Context, *conn) error) error {
	if err := s.refused(); err != nil {
		return err
	}
	pooled, err := s.pool.Acquire(ctx)
	if err != nil {
		if refusal := s.refused(); refusal != nil { // the new connection was the reason
			return refusal
		}
		return fmt.Errorf("%w: %w", errUnconnected, err)
	}
	defer pooled.Release()
	err = do(ctx, &conn{pooled.Conn()})
	if err != nil && pooled.Conn().IsClosed() && !errors.Is(err, store.ErrOutcomeUnknown) {
		return fmt.Errorf("%w: %w", errLost, err)
	}
	return err
}

// pause waits a little, and reports whether the caller still waits too.
func pause(ctx context.Context) bool {
	timer := time.NewTimer(rand.N(pauseMax))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// places bounds how many calls are under way.
type places chan struct{}

// enter waits for a place.
func (p places) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case p <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p places) leave() { <-p }
