package sqlite

import (
	"context"
	"database/sql"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// Accept stores arrivals that have not been accepted before.
func (s *Store) Accept(ctx context.Context, arrivals []store.Arrival, at, expires journal.Millis) ([]bool, error) {
	fresh := make([]bool, len(arrivals))
	err := s.write(ctx, "accept events", func(ctx context.Context, c *conn) error {
		for i := range arrivals {
			var err error
			if fresh[i], err = accept(ctx, c, &arrivals[i], at, expires); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return fresh, nil
}

// accept stores an arrival, unless it has been accepted before.
func accept(ctx context.Context, c *conn, a *store.Arrival, at, expires journal.Millis) (bool, error) {
	if a.ID != "" {
		hash := a.Hash()
		n, err := c.exec(ctx, `
			INSERT INTO arrivals (hash, expires_at) VALUES (?, ?)
			ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at WHERE arrivals.expires_at <= ?`,
			hash[:], expires, at)
		if err != nil || n == 0 {
			return false, err
		}
	}
	if len(a.Events) == 0 {
		return true, nil
	}
	var last int64
	if err := c.row(ctx, "UPDATE event_numbers SET last = last + ? RETURNING last", []any{len(a.Events)}, &last); err != nil {
		return false, err
	}
	for i, e := range a.Events {
		if _, err := c.exec(ctx, "INSERT INTO inbox (trigger, number, payload, accepted_at) VALUES (?, ?, ?, ?)",
			e.Trigger, last-int64(len(a.Events)-1-i), e.Payload, at); err != nil {
			return false, err
		}
	}
	return true, nil
}

// Events returns events of a trigger.
func (s *Store) Events(ctx context.Context, trigger store.TriggerID, after store.EventNumber, limit int) (events []store.Event, err error) {
	err = s.readOwn(ctx, "read events", func(c *conn) (err error) {
		events, err = collect(ctx, c, eventFromRow, `
			SELECT number, trigger, payload, accepted_at FROM inbox
			WHERE trigger = ? AND number > ?
			ORDER BY number LIMIT ?`,
			trigger, after, limit)
		return err
	})
	return events, err
}

func eventFromRow(rows *sql.Rows) (e store.Event, err error) {
	err = rows.Scan(&e.Number, &e.Trigger, &e.Payload, &e.AcceptedAt)
	return e, err
}

// Discard removes events that have been handed on.
func (s *Store) Discard(ctx context.Context, trigger store.TriggerID, upTo store.EventNumber) error {
	return s.write(ctx, "discard events", func(ctx context.Context, c *conn) error {
		_, err := c.exec(ctx, "DELETE FROM inbox WHERE trigger = ? AND number <= ?", trigger, upTo)
		return err
	})
}

// Backlogs returns what is to be handed on.
func (s *Store) Backlogs(ctx context.Context) (all []store.Backlog, err error) {
	err = s.read(ctx, "count events", func(c *conn) (err error) {
		all, err = collect(ctx, c, backlogFromRow, `
			SELECT `+triggerColumns+`, b.events, b.bytes
			FROM (SELECT trigger, count(*) AS events, sum(octet_length(payload)) AS bytes FROM inbox GROUP BY trigger) b
				JOIN triggers t ON t.id = b.trigger
			ORDER BY t.id`)
		return err
	})
	return all, err
}

func backlogFromRow(rows *sql.Rows) (b store.Backlog, err error) {
	err = rows.Scan(append(triggerDestinations(&b.Trigger), &b.Events, &b.Bytes)...)
	return b, err
}

// OldestEvent returns when the oldest event was accepted.
func (s *Store) OldestEvent(ctx context.Context) (journal.Millis, error) {
	var oldest journal.Millis
	err := s.readOwn(ctx, "find the oldest event", func(c *conn) error {
		return c.row(ctx, "SELECT coalesce(min(accepted_at), 0) FROM inbox", nil, &oldest)
	})
	return oldest, err
}

// purgeInbox removes up to limit names of arrivals that have expired, and as
// many events of triggers that are deleted.
func purgeInbox(ctx context.Context, c *conn, now journal.Millis, limit int) (more bool, err error) {
	names, err := c.exec(ctx, `
		DELETE FROM arrivals WHERE hash IN
			(SELECT hash FROM arrivals WHERE expires_at <= ? LIMIT ?)`,
		now, limit)
	if err != nil {
		return false, err
	}
	events, err := c.exec(ctx, `
		DELETE FROM inbox WHERE (trigger, number) IN
			(SELECT trigger, number FROM inbox WHERE trigger NOT IN (SELECT id FROM triggers) LIMIT ?)`,
		limit)
	return names == int64(limit) || events == int64(limit), err
}
