package postgres

import (
	"context"
	"math"

	"github.com/jackc/pgx/v5"

	"heddle/internal/store"
)

// waiting is an execution and all that it waits for.
type waiting struct {
	store.Key
	waits store.Waits
}

// wait notes what an execution waits for, if its turn says so.
func (b *batch) wait(t *store.Turn) {
	if t.Waits != nil {
		b.waits = append(b.waits, waiting{t.Head.Key, *t.Waits})
	}
}

// storeWaits replaces what executions wait for. Of an execution with several
// turns, the last counts.
func (b *batch) storeWaits(writes *pgx.Batch) {
	for _, x := range b.waits {
		triggers := column(x.waits, func(w store.Wait) int64 { return int64(w.Trigger) })
		writes.Queue("DELETE FROM waits WHERE graph = $1 AND execution = $2 AND trigger <> ALL($3::bigint[])",
			x.Graph, x.ID[:], triggers)
		if len(x.waits) == 0 {
			continue
		}
		writes.Queue(`
			INSERT INTO waits AS w (graph, execution, trigger, since)
			SELECT $1, $2, u.trigger, CASE u.offered WHEN 0 THEN (SELECT last FROM event_numbers) ELSE u.offered END
			FROM unnest($3::bigint[], $4::bigint[]) AS u (trigger, offered)
			ON CONFLICT (graph, execution, trigger) DO UPDATE SET since = excluded.since
			WHERE excluded.trigger = ANY($5::bigint[])`,
			x.Graph, x.ID[:], triggers,
			column(x.waits, func(w store.Wait) int64 { return int64(w.Offered) }),
			offered(x.waits))
	}
}

// offered returns the triggers for which there is work.
func offered(waits store.Waits) []int64 {
	triggers := []int64{}
	for _, w := range waits {
		if w.Offered != 0 {
			triggers = append(triggers, int64(w.Trigger))
		}
	}
	return triggers
}

// Waiters returns executions that wait for a trigger.
func (s *Store) Waiters(ctx context.Context, trigger store.TriggerID, after *store.Waiter, limit int) (waiters []store.Waiter, err error) {
	if after == nil {
		after = &store.Waiter{Since: math.MinInt64}
	}
	err = s.read(ctx, "find who waits", func(ctx context.Context, c *conn) (err error) {
		waiters, err = collect(ctx, c, waiterFromRow, `
			SELECT w.graph, w.execution, w.since
			FROM waits w
			WHERE w.trigger = $1 AND (w.since, w.graph, w.execution) > ($2, $3, $4)
				AND EXISTS (SELECT FROM graphs g WHERE g.id = w.graph AND g.deleted_at IS NULL)
			ORDER BY w.since, w.graph, w.execution
			LIMIT $5`,
			trigger, after.Since, after.Graph, after.ID[:], limit)
		return err
	})
	return waiters, err
}

func waiterFromRow(row pgx.CollectableRow) (w store.Waiter, err error) {
	err = row.Scan(&w.Graph, (*byteaID)(&w.ID), &w.Since)
	return w, err
}
