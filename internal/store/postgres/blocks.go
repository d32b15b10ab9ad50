package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"heddle/internal/store"
	"heddle/internal/store/block"
)

// blocks is what the store does for a block.Keeper.
type blocks struct{ *Store }

// Unsurveyed returns the graphs that have something to survey.
func (s blocks) Unsurveyed(ctx context.Context) ([]store.GraphID, error) {
	var graphs []store.GraphID
	err := s.read(ctx, "find graphs to survey", func(ctx context.Context, c *conn) (err error) {
		graphs, err = collect(ctx, c, pgx.RowTo[store.GraphID], `
			SELECT DISTINCT b.graph
			FROM blocks b JOIN graphs g ON g.id = b.graph
			WHERE b.executions IS NULL AND b.block < g.block AND g.deleted_at IS NULL`)
		return err
	})
	return graphs, err
}

// UnsurveyedOf returns the blocks of a graph that are to be surveyed.
func (s blocks) UnsurveyedOf(ctx context.Context, graph store.GraphID) ([]int64, error) {
	var numbers []int64
	err := s.read(ctx, "find blocks to survey", func(ctx context.Context, c *conn) (err error) {
		numbers, err = collect(ctx, c, pgx.RowTo[int64], `
			SELECT block FROM blocks
			WHERE graph = $1 AND executions IS NULL AND block < (SELECT block FROM graphs WHERE id = $1)`,
			graph)
		return err
	})
	return numbers, err
}

// Open returns a graph's open block and how many executions it has.
func (s blocks) Open(ctx context.Context, graph store.GraphID) (number, executions int64, err error) {
	err = s.read(ctx, "look at open block", func(ctx context.Context, c *conn) error {
		return c.row(ctx, `
			SELECT block, (SELECT count(*) FROM executions e WHERE e.graph = g.id AND e.block = g.block)
			FROM graphs g WHERE g.id = $1 AND g.deleted_at IS NULL`,
			[]any{graph}, &number, &executions)
	})
	return number, executions, err
}

// Close closes a graph's open block. The update waits for
// the starts that have read it FOR SHARE.
func (s blocks) Close(ctx context.Context, graph store.GraphID, number int64) error {
	return s.write(ctx, "close block", func(ctx context.Context, c *conn) error {
		n, err := c.exec(ctx, "UPDATE graphs SET block = block + 1 WHERE id = $1 AND block = $2 AND deleted_at IS NULL",
			graph, number)
		if err == nil && n > 0 {
			_, err = c.exec(ctx, "INSERT INTO blocks (graph, block) VALUES ($1, $2)", graph, number+1)
		}
		return err
	})
}

// Survey looks at a block.
func (s blocks) Survey(ctx context.Context, graph store.GraphID, number int64) (found block.Survey, changes int64, err error) {
	err = s.readOnce(ctx, "survey block", func(ctx context.Context, c *conn) error {
		if err := c.row(ctx, "SELECT changes FROM blocks WHERE graph = $1 AND block = $2", []any{graph, number}, &changes); err != nil {
			return err
		}
		rows, err := c.Query(ctx, "SELECT name, id FROM executions WHERE graph = $1 AND block = $2 ORDER BY name", graph, number)
		if err != nil {
			return err
		}
		found = block.Survey{} // it may be the second attempt
		var name string
		var id store.ExecutionID
		return each(rows, []any{&name, (*byteaID)(&id)}, func() { found.Add(name, id) })
	})
	return found, changes, err
}

// Keep keeps what a survey has found.
func (s blocks) Keep(ctx context.Context, graph store.GraphID, number int64, found block.Survey, changes int64) error {
	ranges := found.Ranges()
	return s.write(ctx, "keep survey of block", func(ctx context.Context, c *conn) error {
		if len(ranges) == 0 {
			_, err := c.exec(ctx, "DELETE FROM blocks WHERE graph = $1 AND block = $2 AND changes = $3 AND executions IS NULL",
				graph, number, changes)
			return err
		}
		n, err := c.exec(ctx, `
			UPDATE blocks SET executions = $1, first_id = $2, last_id = $3
			WHERE graph = $4 AND block = $5 AND changes = $6 AND executions IS NULL`,
			found.Executions, found.First[:], found.Last[:], graph, number, changes)
		if err != nil || n == 0 {
			return err
		}
		_, err = c.exec(ctx, `
			INSERT INTO block_names (graph, block, first, last, executions)
			SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::bigint[])`,
			graph, number,
			column(ranges, func(n block.Names) string { return n.First }),
			column(ranges, func(n block.Names) string { return n.Last }),
			column(ranges, func(n block.Names) int64 { return n.Executions }))
		return err
	})
}

// thin puts blocks in order that executions were taken out of. It removes one that
// is empty, and joins the two before it if the later one is sparse: executions are
// removed in the order of their ids, so of that one no more are about to be. It
// reports whether a joint one is to be surveyed.
func (s *Store) thin(ctx context.Context, c *conn, graph store.GraphID, numbers []int64) (joined bool, err error) {
	for _, number := range numbers {
		if err := dropEmpty(ctx, c, graph, number); err != nil {
			return false, err
		}
		var sparse, before int64
		err := c.row(ctx, `
			SELECT p.block, o.block
			FROM blocks p CROSS JOIN blocks o
			WHERE p.graph = $1 AND p.block = (SELECT max(block) FROM blocks WHERE graph = $1 AND block < $2)
				AND o.graph = $1 AND o.block = (SELECT max(block) FROM blocks WHERE graph = $1 AND block < p.block)
				AND p.executions < $3 AND o.executions + p.executions <= $4`,
			[]any{graph, number, s.keeper.Sparse(), s.keeper.Size()}, &sparse, &before)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err == nil {
			err = join(ctx, c, graph, sparse, before)
		}
		if err != nil {
			return false, err
		}
		joined = true
	}
	return joined, nil
}

// join puts the executions of a block into another one.
func join(ctx context.Context, c *conn, graph store.GraphID, from, to int64) error {
	var b pgx.Batch
	b.Queue("UPDATE executions SET block = $3 WHERE graph = $1 AND block = $2", graph, from, to)
	b.Queue("DELETE FROM block_names WHERE graph = $1 AND block IN ($2, $3)", graph, from, to)
	b.Queue("DELETE FROM blocks WHERE graph = $1 AND block = $2", graph, from)
	b.Queue(`
		UPDATE blocks SET executions = NULL, first_id = NULL, last_id = NULL, changes = changes + 1
		WHERE graph = $1 AND block = $2`,
		graph, to)
	return c.send(ctx, &b)
}

// dropEmpty removes a surveyed block that has become empty.
func dropEmpty(ctx context.Context, c *conn, graph store.GraphID, number int64) error {
	const empty = "FROM blocks WHERE graph = $1 AND block = $2 AND executions = 0"
	var b pgx.Batch
	b.Queue("DELETE FROM block_names WHERE (graph, block) IN (SELECT graph, block "+empty+")", graph, number)
	b.Queue("DELETE "+empty, graph, number)
	return c.send(ctx, &b)
}
