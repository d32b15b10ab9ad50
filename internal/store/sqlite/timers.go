package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// CreateTimer stores a timer.
func (s *Store) CreateTimer(ctx context.Context, t store.Timer, max int) (store.TimerID, error) {
	var id store.TimerID
	err := s.write(ctx, "create timer", func(ctx context.Context, c *conn) error {
		if err := checkGraph(ctx, c, t.Graph); err != nil {
			return err
		}
		var there int
		if err := c.row(ctx, "SELECT count(*) FROM timers WHERE graph = ? AND name <> ?", []any{t.Graph, t.Name}, &there); err != nil {
			return err
		}
		err := c.row(ctx, `
			INSERT INTO timers (revision, graph, name, description, expression, unit, interval, zone, misfire,
				created_at, modified_at, started_at, next, fired)
			VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING
			RETURNING id`,
			[]any{t.Graph, t.Name, t.Description, t.Expression, t.Unit, t.Interval, t.Zone, t.Misfire,
				t.CreatedAt, t.ModifiedAt, t.StartedAt, t.Next, t.Fired}, &id)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return store.ErrExists
		case err == nil && there >= max:
			return store.ErrTooMany
		}
		return err
	})
	return id, err
}

// ChangeTimer puts a timer in the place of an earlier one.
func (s *Store) ChangeTimer(ctx context.Context, t store.Timer) error {
	return s.write(ctx, "change timer", func(ctx context.Context, c *conn) error {
		n, err := c.exec(ctx, `
			UPDATE timers SET revision = revision + 1, description = ?, expression = ?, unit = ?, interval = ?, zone = ?,
				misfire = ?, modified_at = ?, started_at = ?, next = ?, fired = ?
			WHERE id = ? AND revision = ?`,
			t.Description, t.Expression, t.Unit, t.Interval, t.Zone,
			t.Misfire, t.ModifiedAt, t.StartedAt, t.Next, t.Fired, t.ID, t.Revision)
		if err != nil || n > 0 {
			return err
		}
		if err := c.row(ctx, "SELECT 1 FROM timers WHERE id = ?", []any{t.ID}, new(int)); err != nil {
			return err
		}
		return store.ErrStale
	})
}

// DeleteTimer removes a timer.
func (s *Store) DeleteTimer(ctx context.Context, id store.TimerID) error {
	return s.write(ctx, "delete timer", func(ctx context.Context, c *conn) error {
		return c.row(ctx, "DELETE FROM timers WHERE id = ? RETURNING 1", []any{id}, new(int))
	})
}

// timerColumns are those of a store.Timer, in the order of timerDestinations.
// They need the tables of timerTables.
const (
	timerColumns = `t.id, t.revision, t.graph, t.name, t.description, t.expression, t.unit, t.interval, t.zone, t.misfire,
		t.created_at, t.modified_at, t.started_at, t.next, t.fired, g.project, g.name`
	timerTables = `timers t JOIN graphs g ON g.id = t.graph`
)

func timerDestinations(t *store.Timer) []any {
	return []any{&t.ID, &t.Revision, &t.Graph, &t.Name, &t.Description, &t.Expression, &t.Unit, &t.Interval, &t.Zone, &t.Misfire,
		&t.CreatedAt, &t.ModifiedAt, &t.StartedAt, &t.Next, &t.Fired, &t.Project, &t.GraphName}
}

func timerFromRow(rows *sql.Rows) (t store.Timer, err error) {
	err = rows.Scan(timerDestinations(&t)...)
	return t, err
}

// TimerByName returns a timer of a project's graph.
func (s *Store) TimerByName(ctx context.Context, project, graph, name string) (store.Timer, error) {
	var t store.Timer
	err := s.read(ctx, "find timer", func(c *conn) error {
		return c.row(ctx, `
			SELECT `+timerColumns+` FROM `+timerTables+`
			WHERE g.project = ? AND g.name = ? AND g.deleted_at IS NULL AND t.name = ?`,
			[]any{project, graph, name}, timerDestinations(&t)...)
	})
	return t, err
}

// TimersOf returns the timers of a graph.
func (s *Store) TimersOf(ctx context.Context, graph store.GraphID) (timers []store.Timer, err error) {
	err = s.read(ctx, "list timers", func(c *conn) (err error) {
		if err := checkGraph(ctx, c, graph); err != nil {
			return err
		}
		timers, err = collect(ctx, c, timerFromRow, `
			SELECT `+timerColumns+` FROM `+timerTables+`
			WHERE t.graph = ? ORDER BY t.id`, graph)
		return err
	})
	return timers, err
}

// DueTimers returns timers that fire, in the order of Next and ID.
func (s *Store) DueTimers(ctx context.Context, until journal.Millis, after *store.Timer, limit int) (timers []store.Timer, err error) {
	if after == nil {
		after = new(store.Timer)
	}
	err = s.readOwn(ctx, "find due timers", func(c *conn) (err error) {
		timers, err = collect(ctx, c, timerFromRow, `
			SELECT `+timerColumns+` FROM `+timerTables+`
			WHERE t.next > 0 AND t.next <= ? AND (t.next, t.id) > (?, ?)
			ORDER BY t.next, t.id
			LIMIT ?`,
			until, after.Next, after.ID, limit)
		return err
	})
	return timers, err
}

// NextTimer returns when the next timer fires.
func (s *Store) NextTimer(ctx context.Context) (journal.Millis, error) {
	var next journal.Millis
	err := s.readOwn(ctx, "find the next timer", func(c *conn) error {
		return c.row(ctx, "SELECT next FROM timers WHERE next > 0 ORDER BY next LIMIT 1", nil, &next)
	})
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	return next, err
}

// SkipTimers carries ticks out that start nothing.
func (s *Store) SkipTimers(ctx context.Context, ticks []store.Tick) error {
	return s.write(ctx, "skip timers", func(ctx context.Context, c *conn) error {
		for i := range ticks {
			if err := tick(ctx, c, &ticks[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// due reports whether a tick can be carried out, of a timer of the graph.
func due(ctx context.Context, c *conn, graph store.GraphID, t *store.Tick) (bool, error) {
	err := c.row(ctx, "SELECT 1 FROM timers WHERE id = ? AND revision = ? AND graph = ?",
		[]any{int64(t.Timer), t.Revision, int64(graph)}, new(int))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// tick carries a tick out if it can be.
func tick(ctx context.Context, c *conn, t *store.Tick) error {
	_, err := c.exec(ctx, `
		UPDATE timers SET revision = revision + 1, next = ?, fired = max(fired, ?)
		WHERE id = ? AND revision = ?`,
		int64(t.Next), int64(t.Fires), int64(t.Timer), t.Revision)
	return err
}
