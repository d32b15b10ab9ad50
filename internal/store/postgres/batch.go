package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"heddle/internal/store"
)

// store writes what has come of the turns: a statement for each table, with its
// rows as columns.
func (b *batch) store(ctx context.Context, c *conn) error {
	var writes pgx.Batch
	b.storeExecutions(&writes)
	b.storeKeys(&writes)
	mustChange(&writes, b.ticks, tickTimers, tickColumns(b.ticks)...)
	b.storeWaits(&writes)
	if writes.Len() == 0 {
		return nil
	}
	return c.send(ctx, &writes)
}

func (b *batch) storeExecutions(writes *pgx.Batch) {
	mustChange(writes, b.created, `
		INSERT INTO executions
			(graph, id, name, test, revision, status, seq, started_at, stopped_at, shard, wake, block)
		SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::text[], $4::boolean[], $5::bigint[], $6::text[],
			$7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[])
		ON CONFLICT DO NOTHING`,
		column(b.created, func(x *execution) int64 { return int64(x.head.Graph) }),
		column(b.created, func(x *execution) []byte { return x.head.ID[:] }),
		column(b.created, func(x *execution) string { return x.head.Name }),
		column(b.created, func(x *execution) bool { return x.head.Test }),
		column(b.created, func(x *execution) int64 { return int64(x.head.Revision) }),
		column(b.created, func(x *execution) string { return string(x.head.Status) }),
		column(b.created, func(x *execution) int64 { return int64(x.head.Seq) }),
		column(b.created, func(x *execution) int64 { return int64(x.head.StartedAt) }),
		column(b.created, func(x *execution) int64 { return int64(x.head.StoppedAt) }),
		column(b.created, func(x *execution) int64 { return int64(x.shard) }),
		column(b.created, func(x *execution) int64 { return int64(x.head.Wake) }),
		column(b.created, func(x *execution) int64 { return x.block }))

	mustChange(writes, b.advanced, `
		UPDATE executions e SET status = u.status, seq = u.seq, stopped_at = u.stopped_at, wake = u.wake
		FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[])
			AS u (graph, id, stored, status, seq, stopped_at, wake)
		WHERE e.graph = u.graph AND e.id = u.id AND e.seq = u.stored`,
		column(b.advanced, func(x *execution) int64 { return int64(x.head.Graph) }),
		column(b.advanced, func(x *execution) []byte { return x.head.ID[:] }),
		column(b.advanced, func(x *execution) int64 { return int64(x.stored) }),
		column(b.advanced, func(x *execution) string { return string(x.head.Status) }),
		column(b.advanced, func(x *execution) int64 { return int64(x.head.Seq) }),
		column(b.advanced, func(x *execution) int64 { return int64(x.head.StoppedAt) }),
		column(b.advanced, func(x *execution) int64 { return int64(x.head.Wake) }))

	mustChange(writes, b.turns, `
		INSERT INTO journal (graph, execution, first_seq, records)
		SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bytea[])`,
		column(b.turns, func(t *store.Turn) int64 { return int64(t.Head.Graph) }),
		column(b.turns, func(t *store.Turn) []byte { return t.Head.ID[:] }),
		column(b.turns, func(t *store.Turn) int64 { return int64(t.After) + 1 }),
		column(b.turns, func(t *store.Turn) []byte { return t.Records }))

	shares := make([]share, 0, len(b.counts))
	for s := range b.counts { // in any order: only the owner of a shard adds there, and a deadlock with Expire is tried again
		shares = append(shares, s)
	}
	mustChange(writes, shares, `
		INSERT INTO execution_counts AS n (graph, shard, executions)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
		ON CONFLICT (graph, shard) DO UPDATE SET executions = n.executions + excluded.executions`,
		column(shares, func(s share) int64 { return int64(s.graph) }),
		column(shares, func(s share) int64 { return int64(s.shard) }),
		column(shares, func(s share) int64 { return b.counts[s] }))
}

// storeKeys stores the keys that were used. One that has expired may still be there.
func (b *batch) storeKeys(writes *pgx.Batch) {
	if len(b.starts) == 0 {
		return
	}
	graphs := column(b.starts, func(s *start) int64 { return int64(s.execution.Graph) })
	keys := column(b.starts, func(s *start) string { return s.Text })
	writes.Queue(`
		DELETE FROM idempotency_keys k
		USING unnest($1::bigint[], $2::text[], $3::bigint[]) AS u (graph, key, started_at)
		WHERE k.graph = u.graph AND k.key = u.key AND k.expires_at <= u.started_at`,
		graphs, keys,
		column(b.starts, func(s *start) int64 { return int64(s.at) }))
	mustChange(writes, b.starts, `
		INSERT INTO idempotency_keys (graph, key, request, execution, expires_at)
		SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[], $4::bytea[], $5::bigint[])
		ON CONFLICT DO NOTHING`,
		graphs, keys,
		column(b.starts, func(s *start) []byte { return s.Request[:] }),
		column(b.starts, func(s *start) []byte { return s.execution.ID[:] }),
		column(b.starts, func(s *start) int64 { return int64(s.Expires) }))
}

// mustChange queues a statement that changes one row for each of those given. If
// it changes fewer, another node was faster.
func mustChange[T any](writes *pgx.Batch, rows []T, text string, columns ...any) {
	if len(rows) == 0 {
		return
	}
	writes.Queue(text, columns...).Exec(func(tag pgconn.CommandTag) error {
		if tag.RowsAffected() != int64(len(rows)) {
			return errRaced
		}
		return nil
	})
}

// column returns one value of each row.
func column[T, V any](rows []T, of func(T) V) []V {
	values := make([]V, len(rows))
	for i, r := range rows {
		values[i] = of(r)
	}
	return values
}
