package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// CreateTimer stores a timer. It waits for those who write executions of the
// graph, so that its timers are counted one after another.
func (s *Store) CreateTimer(ctx context.Context, t store.Timer, max int) (store.TimerID, error) {
	var id store.TimerID
	err := s.write(ctx, "create timer", func(ctx context.Context, c *conn) error {
		if err := c.row(ctx, "SELECT 1 FROM graphs WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE",
			[]any{t.Graph}, new(int)); err != nil {
			return err
		}
		var there int
		if err := c.row(ctx, "SELECT count(*) FROM timers WHERE graph = $1 AND name <> $2", []any{t.Graph, t.Name}, &there); err != nil {
			return err
		}
		err := c.row(ctx, `
			INSERT INTO timers (revision, graph, name, description, expression, unit, interval, zone, misfire,
				created_at, modified_at, started_at, next, fired)
			VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
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
			UPDATE timers SET revision = revision + 1, description = $1, expression = $2, unit = $3, interval = $4, zone = $5,
				misfire = $6, modified_at = $7, started_at = $8, next = $9, fired = $10
			WHERE id = $11 AND revision = $12`,
			t.Description, t.Expression, t.Unit, t.Interval, t.Zone,
			t.Misfire, t.ModifiedAt, t.StartedAt, t.Next, t.Fired, t.ID, t.Revision)
		if err != nil || n > 0 {
			return err
		}
		if err := c.row(ctx, "SELECT 1 FROM timers WHERE id = $1", []any{t.ID}, new(int)); err != nil {
			return err
		}
		return store.ErrStale
	})
}

// DeleteTimer removes a timer.
func (s *Store) DeleteTimer(ctx context.Context, id store.TimerID) error {
	return s.write(ctx, "delete timer", func(ctx context.Context, c *conn) error {
		return c.row(ctx, "DELETE FROM timers WHERE id = $1 RETURNING 1", []any{id}, new(int))
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

func timerFromRow(row pgx.CollectableRow) (t store.Timer, err error) {
	err = row.Scan(timerDestinations(&t)...)
	return t, err
}

// TimerByName returns a timer of a project's graph.
func (s *Store) TimerByName(ctx context.Context, project, graph, name string) (store.Timer, error) {
	var t store.Timer
	err := s.read(ctx, "find timer", func(ctx context.Context, c *conn) error {
		return c.row(ctx, `
			SELECT `+timerColumns+` FROM `+timerTables+`
			WHERE g.project = $1 AND g.name = $2 AND g.deleted_at IS NULL AND t.name = $3`,
			[]any{project, graph, name}, timerDestinations(&t)...)
	})
	return t, err
}

// TimersOf returns the timers of a graph.
func (s *Store) TimersOf(ctx context.Context, graph store.GraphID) (timers []store.Timer, err error) {
	err = s.read(ctx, "list timers", func(ctx context.Context, c *conn) (err error) {
		if err := c.row(ctx, "SELECT 1 FROM graphs WHERE id = $1 AND deleted_at IS NULL", []any{graph}, new(int)); err != nil {
			return err
		}
		timers, err = collect(ctx, c, timerFromRow, `
			SELECT `+timerColumns+` FROM `+timerTables+`
			WHERE t.graph = $1 ORDER BY t.id`, graph)
		return err
	})
	return timers, err
}

// DueTimers returns timers that fire, in the order of Next and ID.
func (s *Store) DueTimers(ctx context.Context, until journal.Millis, after *store.Timer, limit int) (timers []store.Timer, err error) {
	if after == nil {
		after = new(store.Timer)
	}
	err = s.read(ctx, "find due timers", func(ctx context.Context, c *conn) (err error) {
		timers, err = collect(ctx, c, timerFromRow, `
			SELECT `+timerColumns+` FROM `+timerTables+`
			WHERE t.next > 0 AND t.next <= $1 AND (t.next, t.id) > ($2, $3)
			ORDER BY t.next, t.id
			LIMIT $4`,
			until, after.Next, after.ID, limit)
		return err
	})
	return timers, err
}

// NextTimer returns when the next timer fires.
func (s *Store) NextTimer(ctx context.Context) (journal.Millis, error) {
	var next journal.Millis
	err := s.read(ctx, "find the next timer", func(ctx context.Context, c *conn) error {
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
		_, err := c.exec(ctx, tickTimers, tickColumns(ticks)...)
		return err
	})
}

// tickTimers carries ticks out that can be. It is given the tickColumns.
const tickTimers = `
	UPDATE timers t SET revision = t.revision + 1, next = u.next, fired = greatest(t.fired, u.fires)
	FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS u (id, revision, next, fires)
	WHERE t.id = u.id AND t.revision = u.revision`

func tickColumns(ticks []store.Tick) []any {
	return []any{
		column(ticks, func(t store.Tick) int64 { return int64(t.Timer) }),
		column(ticks, func(t store.Tick) int64 { return t.Revision }),
		column(ticks, func(t store.Tick) int64 { return int64(t.Next) }),
		column(ticks, func(t store.Tick) int64 { return int64(t.Fires) }),
	}
}
