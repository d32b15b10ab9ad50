package sqlite

import (
	"context"
	"database/sql"
	"math"
	"strconv"
	"strings"

	"heddle/internal/store"
)

// wait replaces what an execution waits for, if its turn says so.
func (b *batch) wait(ctx context.Context, t *store.Turn) error {
	if t.Waits == nil {
		return nil
	}
	graph, id := int64(t.Head.Graph), t.Head.ID[:]
	if t.After != 0 {
		if _, err := b.exec(ctx, `
			DELETE FROM waits
			WHERE graph = ? AND execution = ? AND trigger NOT IN (SELECT value FROM json_each(?))`,
			graph, id, triggerList(*t.Waits)); err != nil {
			return err
		}
	}
	for _, w := range *t.Waits {
		if _, err := b.exec(ctx, `
			INSERT INTO waits (graph, execution, trigger, since)
			VALUES (?1, ?2, ?3, CASE ?4 WHEN 0 THEN (SELECT last FROM event_numbers) ELSE ?4 END)
			ON CONFLICT DO UPDATE SET since = excluded.since WHERE ?4 <> 0`,
			graph, id, int64(w.Trigger), int64(w.Offered)); err != nil {
			return err
		}
	}
	return nil
}

// triggerList returns the ids of the triggers as a JSON array.
func triggerList(waits store.Waits) string {
	ids := make([]string, len(waits))
	for i, w := range waits {
		ids[i] = strconv.FormatInt(int64(w.Trigger), 10)
	}
	return "[" + strings.Join(ids, ",") + "]"
}

// Waiters returns executions that wait for a trigger. CROSS JOIN keeps SQLite
// from beginning with the graphs.
func (s *Store) Waiters(ctx context.Context, trigger store.TriggerID, after *store.Waiter, limit int) (waiters []store.Waiter, err error) {
	if after == nil {
		after = &store.Waiter{Since: math.MinInt64}
	}
	err = s.read(ctx, "find who waits", func(c *conn) (err error) {
		waiters, err = collect(ctx, c, waiterFromRow, `
			SELECT w.graph, w.execution, w.since
			FROM waits w CROSS JOIN graphs g ON g.id = w.graph
			WHERE w.trigger = ? AND (w.since, w.graph, w.execution) > (?, ?, ?) AND g.deleted_at IS NULL
			ORDER BY w.since, w.graph, w.execution
			LIMIT ?`,
			trigger, after.Since, after.Graph, after.ID[:], limit)
		return err
	})
	return waiters, err
}

func waiterFromRow(rows *sql.Rows) (w store.Waiter, err error) {
	err = rows.Scan(&w.Graph, (*blobID)(&w.ID), &w.Since)
	return w, err
}
