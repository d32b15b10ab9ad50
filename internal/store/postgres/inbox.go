package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// Accept stores arrivals that have not been accepted before.
func (s *Store) Accept(ctx context.Context, arrivals []store.Arrival, at, expires journal.Millis) ([]bool, error) {
	var fresh []bool
	err := s.write(ctx, "accept events", func(ctx context.Context, c *conn) (err error) {
		if fresh, err = name(ctx, c, arrivals, at, expires); err != nil {
			return err
		}
		var events []store.Event
		for i, a := range arrivals {
			if fresh[i] {
				events = append(events, a.Events...)
			}
		}
		return receive(ctx, c, events, at)
	})
	if err != nil {
		return nil, err
	}
	return fresh, nil
}

// name notes the names of arrivals, and returns which of them are new.
func name(ctx context.Context, c *conn, arrivals []store.Arrival, at, expires journal.Millis) ([]bool, error) {
	fresh := make([]bool, len(arrivals))
	var b pgx.Batch
	for i, a := range arrivals {
		if fresh[i] = a.ID == ""; fresh[i] {
			continue
		}
		hash := a.Hash()
		b.Queue(`
			INSERT INTO arrivals (hash, expires_at) VALUES ($1, $2)
			ON CONFLICT (hash) DO UPDATE SET expires_at = excluded.expires_at WHERE arrivals.expires_at <= $3
			RETURNING 1`,
			hash[:], expires, at).
			Query(func(rows pgx.Rows) error { return each(rows, []any{new(int)}, func() { fresh[i] = true }) })
	}
	if b.Len() == 0 {
		return fresh, nil
	}
	return fresh, c.send(ctx, &b)
}

// receive numbers events and stores them.
func receive(ctx context.Context, c *conn, events []store.Event, at journal.Millis) error {
	if len(events) == 0 {
		return nil
	}
	var last int64
	if err := c.row(ctx, "UPDATE event_numbers SET last = last + $1 RETURNING last", []any{len(events)}, &last); err != nil {
		return err
	}
	_, err := c.exec(ctx, `
		INSERT INTO inbox (trigger, number, payload, accepted_at)
		SELECT e.trigger, $3::bigint + e.place, e.payload, $4::bigint
		FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS e (trigger, payload, place)`,
		column(events, func(e store.Event) int64 { return int64(e.Trigger) }),
		column(events, func(e store.Event) string { return e.Payload }),
		last-int64(len(events)), at)
	return err
}

// Events returns events of a trigger.
func (s *Store) Events(ctx context.Context, trigger store.TriggerID, after store.EventNumber, limit int) (events []store.Event, err error) {
	err = s.read(ctx, "read events", func(ctx context.Context, c *conn) (err error) {
		events, err = collect(ctx, c, pgx.RowToStructByPos[store.Event], `
			SELECT number, trigger, payload, accepted_at FROM inbox
			WHERE trigger = $1 AND number > $2
			ORDER BY number LIMIT $3`,
			trigger, after, limit)
		return err
	})
	return events, err
}

// Discard removes events that have been handed on.
func (s *Store) Discard(ctx context.Context, trigger store.TriggerID, upTo store.EventNumber) error {
	return s.write(ctx, "discard events", func(ctx context.Context, c *conn) error {
		_, err := c.exec(ctx, "DELETE FROM inbox WHERE trigger = $1 AND number <= $2", trigger, upTo)
		return err
	})
}

// Backlogs returns what is to be handed on.
func (s *Store) Backlogs(ctx context.Context) (all []store.Backlog, err error) {
	err = s.read(ctx, "count events", func(ctx context.Context, c *conn) (err error) {
		all, err = collect(ctx, c, backlogFromRow, `
			SELECT `+triggerColumns+`, b.events, b.bytes
			FROM (SELECT trigger, count(*) AS events, sum(octet_length(payload)) AS bytes FROM inbox GROUP BY trigger) AS b
				JOIN triggers t ON t.id = b.trigger
			ORDER BY t.id`)
		return err
	})
	return all, err
}

func backlogFromRow(row pgx.CollectableRow) (b store.Backlog, err error) {
	err = row.Scan(append(triggerDestinations(&b.Trigger), &b.Events, &b.Bytes)...)
	return b, err
}

// OldestEvent returns when the oldest event was accepted.
func (s *Store) OldestEvent(ctx context.Context) (journal.Millis, error) {
	var oldest journal.Millis
	err := s.read(ctx, "find the oldest event", func(ctx context.Context, c *conn) error {
		return c.row(ctx, "SELECT coalesce(min(accepted_at), 0) FROM inbox", nil, &oldest)
	})
	return oldest, err
}

// purgeInbox removes up to limit names of arrivals that have expired, and as
// many events of triggers that are deleted.
func purgeInbox(ctx context.Context, c *conn, now journal.Millis, limit int) (more bool, err error) {
	names, err := c.exec(ctx, `
		DELETE FROM arrivals WHERE hash IN
			(SELECT hash FROM arrivals WHERE expires_at <= $1 LIMIT $2)`,
		now, limit)
	if err != nil {
		return false, err
	}
	events, err := c.exec(ctx, `
		DELETE FROM inbox WHERE (trigger, number) IN
			(SELECT i.trigger, i.number FROM inbox i
			WHERE NOT EXISTS (SELECT FROM triggers t WHERE t.id = i.trigger) LIMIT $1)`,
		limit)
	return names == int64(limit) || events == int64(limit), err
}
