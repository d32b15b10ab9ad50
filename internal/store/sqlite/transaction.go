package sqlite

import (
	"context"
	"errors"
	"fmt"

	"heddle/internal/store"
)

// write runs do in a transaction and returns when that is on the disk. If do
// returns an error, nothing has changed.
func (s *Store) write(ctx context.Context, what string, do func(context.Context, *conn) error) error {
	return s.transact(ctx, what, func(ctx context.Context, c *conn) error {
		s.known.forget()
		return do(ctx, c)
	})
}

// transact is write for what leaves everything known as it is.
func (s *Store) transact(ctx context.Context, what string, do func(context.Context, *conn) error) error {
	w, err := s.take(ctx, s.writer)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer func() { s.writer <- w }()

	// From here on the call is as good as done, whether or not its caller stays.
	ctx = context.WithoutCancel(ctx)
	if err := s.change(ctx, w, do); err != nil {
		return s.stopIfDamaged(fmt.Errorf("%s: %w", what, classify(err)))
	}
	switch _, err := w.exec(ctx, "COMMIT"); {
	case full(err):
		// SQLite has rolled back, and a crash would not bring it to light either:
		// the log had no room for the whole of the frame that commits.
		return fmt.Errorf("%s: %w", what, classify(err))
	case err != nil:
		s.refuse(fmt.Errorf("%w: %s: %v", store.ErrStopped, what, err))
		return fmt.Errorf("%s: %w: %w: %w", what, store.ErrOutcomeUnknown, store.ErrStopped, err)
	}
	s.committed++
	s.mark.Acknowledge(s.committed)
	return nil
}

// change begins a transaction and does all of it but the COMMIT.
func (s *Store) change(ctx context.Context, w *conn, do func(context.Context, *conn) error) error {
	if _, err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	changed := false
	defer func() {
		if !changed {
			// It fails where SQLite has rolled back by itself, which is as good.
			_, _ = w.exec(ctx, "ROLLBACK")
		}
	}()
	if err := do(ctx, w); err != nil {
		return err
	}
	_, err := w.exec(ctx, "UPDATE meta SET commit_number = ?", s.committed+1)
	changed = err == nil
	return err
}

// read runs do on one snapshot of the database.
func (s *Store) read(ctx context.Context, what string, do func(*conn) error) error {
	r, err := s.take(ctx, s.readers)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer func() { s.readers <- r }()

	if _, err := r.exec(ctx, "BEGIN"); err != nil {
		return fmt.Errorf("%s: %w", what, classify(err))
	}
	defer func() { _, _ = r.exec(context.WithoutCancel(ctx), "ROLLBACK") }()
	if err := do(r); err != nil {
		return fmt.Errorf("%s: %w", what, classify(err))
	}
	return nil
}

// readOwn is read for what the server has to know to go on.
func (s *Store) readOwn(ctx context.Context, what string, do func(*conn) error) error {
	return s.stopIfDamaged(s.read(ctx, what, do))
}

// stopIfDamaged refuses every later call if this one has met damage, in what
// would be written to or in what tells the server what to do next: executions
// would wait for ever, or go on from what is not so.
func (s *Store) stopIfDamaged(err error) error {
	if errors.Is(err, ErrCorrupt) {
		err = fmt.Errorf("%w: %w", store.ErrStopped, err)
		s.refuse(err)
	}
	return err
}

// take waits for a connection. The caller gives it back.
func (s *Store) take(ctx context.Context, pool chan *conn) (*conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case c := <-pool:
		if refusal := s.refusal.Load(); refusal != nil {
			pool <- c
			return nil, *refusal
		}
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// refuse makes every later call return the error. The first reason stays.
func (s *Store) refuse(err error) { s.refusal.CompareAndSwap(nil, &err) }
