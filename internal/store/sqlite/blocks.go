package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"heddle/internal/store"
	"heddle/internal/store/block"
)

// blocks is what the store does for a block.Keeper.
type blocks struct{ *Store }

// Unsurveyed returns the graphs that have something to survey.
func (s blocks) Unsurveyed(ctx context.Context) ([]store.GraphID, error) {
	var graphs []store.GraphID
	err := s.read(ctx, "find graphs to survey", func(c *conn) (err error) {
		graphs, err = collect(ctx, c, numberFromRow[store.GraphID], `
			SELECT DISTINCT b.graph
			FROM blocks b CROSS JOIN graphs g ON g.id = b.graph
			WHERE b.executions IS NULL AND b.block < g.block AND g.deleted_at IS NULL`)
		return err
	})
	return graphs, err
}

// UnsurveyedOf returns the blocks of a graph that are to be surveyed.
func (s blocks) UnsurveyedOf(ctx context.Context, graph store.GraphID) ([]int64, error) {
	var numbers []int64
	err := s.read(ctx, "find blocks to survey", func(c *conn) (err error) {
		numbers, err = collect(ctx, c, numberFromRow[int64], `
			SELECT block FROM blocks
			WHERE graph = ?1 AND executions IS NULL AND block < (SELECT block FROM graphs WHERE id = ?1)`,
			graph)
		return err
	})
	return numbers, err
}

// Open returns a graph's open block and how many executions it has.
func (s blocks) Open(ctx context.Context, graph store.GraphID) (number, executions int64, err error) {
	err = s.read(ctx, "look at open block", func(c *conn) error {
		return c.row(ctx, `
			SELECT block, (SELECT count(*) FROM executions e WHERE e.graph = g.id AND e.block = g.block)
			FROM graphs g WHERE g.id = ?1 AND g.deleted_at IS NULL`,
			[]any{graph}, &number, &executions)
	})
	return number, executions, err
}

// Close closes a graph's open block.
func (s blocks) Close(ctx context.Context, graph store.GraphID, number int64) error {
	return s.write(ctx, "close block", func(ctx context.Context, c *conn) error {
		n, err := c.exec(ctx, "UPDATE graphs SET block = block + 1 WHERE id = ?1 AND block = ?2 AND deleted_at IS NULL",
			graph, number)
		if err == nil && n > 0 {
			_, err = c.exec(ctx, "INSERT INTO blocks (graph, block) VALUES (?1, ?2)", graph, number+1)
		}
		return err
	})
}

// Survey looks at a block.
func (s blocks) Survey(ctx context.Context, graph store.GraphID, number int64) (found block.Survey, changes int64, err error) {
	err = s.read(ctx, "survey block", func(c *conn) error {
		if err := c.row(ctx, "SELECT changes FROM blocks WHERE graph = ? AND block = ?", []any{graph, number}, &changes); err != nil {
			return err
		}
		add := func(rows *sql.Rows) (struct{}, error) {
			var name string
			var id blobID
			err := rows.Scan(&name, &id)
			found.Add(name, store.ExecutionID(id))
			return struct{}{}, err
		}
		_, err := collect(ctx, c, add, "SELECT name, id FROM executions WHERE graph = ? AND block = ? ORDER BY name", graph, number)
		return err
	})
	return found, changes, err
}

// Keep keeps what a survey has found.
func (s blocks) Keep(ctx context.Context, graph store.GraphID, number int64, found block.Survey, changes int64) error {
	return s.write(ctx, "keep survey of block", func(ctx context.Context, c *conn) error {
		if found.Executions == 0 {
			_, err := c.exec(ctx, "DELETE FROM blocks WHERE graph = ? AND block = ? AND changes = ? AND executions IS NULL",
				graph, number, changes)
			return err
		}
		n, err := c.exec(ctx, `
			UPDATE blocks SET executions = ?, first_id = ?, last_id = ?
			WHERE graph = ? AND block = ? AND changes = ? AND executions IS NULL`,
			found.Executions, found.First[:], found.Last[:], graph, number, changes)
		if err != nil || n == 0 {
			return err
		}
		for _, names := range found.Ranges() {
			if _, err := c.exec(ctx, "INSERT INTO block_names (graph, block, first, last, executions) VALUES (?, ?, ?, ?, ?)",
				graph, number, names.First, names.Last, names.Executions); err != nil {
				return err
			}
		}
		return nil
	})
}

// takeOut takes executions out of the counts of their blocks before they are
// removed. The list is a JSON array of their ids. It returns the blocks' numbers.
func takeOut(ctx context.Context, c *conn, graph store.GraphID, list string) (numbers []int64, err error) {
	// The + keeps SQLite from going through the whole index of names for the order.
	leaving, err := collect(ctx, c, placeFromRow, `
		SELECT block, name FROM executions
		WHERE graph = ? AND id IN (SELECT unhex(value) FROM json_each(?))
		ORDER BY +block`,
		graph, list)
	if err != nil {
		return nil, err
	}
	for _, p := range leaving {
		if _, err := c.exec(ctx, `
			UPDATE block_names SET executions = executions - 1
			WHERE graph = ?1 AND block = ?2
				AND first = (SELECT max(first) FROM block_names WHERE graph = ?1 AND block = ?2 AND first <= ?3)`,
			int64(graph), p.block, p.name); err != nil {
			return nil, err
		}
	}
	for len(leaving) > 0 {
		number := leaving[0].block
		n := slices.IndexFunc(leaving, func(p place) bool { return p.block != number })
		if n < 0 {
			n = len(leaving)
		}
		if _, err := c.exec(ctx, "UPDATE blocks SET executions = executions - ?, changes = changes + 1 WHERE graph = ? AND block = ?",
			n, graph, number); err != nil {
			return nil, err
		}
		numbers = append(numbers, number)
		leaving = leaving[n:]
	}
	return numbers, nil
}

// place is where an execution stands in the index of names.
type place struct {
	block int64
	name  string
}

func placeFromRow(rows *sql.Rows) (p place, err error) {
	err = rows.Scan(&p.block, &p.name)
	return p, err
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
			WHERE p.graph = ?1 AND p.block = (SELECT max(block) FROM blocks WHERE graph = ?1 AND block < ?2)
				AND o.graph = ?1 AND o.block = (SELECT max(block) FROM blocks WHERE graph = ?1 AND block < p.block)
				AND p.executions < ?3 AND o.executions + p.executions <= ?4`,
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
	for _, text := range []string{
		// SQLite does not search the index that it changes.
		"UPDATE executions SET block = ?3 WHERE graph = ?1 AND id IN (SELECT id FROM executions WHERE graph = ?1 AND block = ?2)",
		"DELETE FROM block_names WHERE graph = ?1 AND block IN (?2, ?3)",
		`UPDATE blocks SET executions = NULL, first_id = NULL, last_id = NULL, changes = changes + 1
			WHERE graph = ?1 AND block IN (?2, ?3)`,
	} {
		if _, err := c.exec(ctx, text, graph, from, to); err != nil {
			return err
		}
	}
	_, err := c.exec(ctx, "DELETE FROM blocks WHERE graph = ? AND block = ?", graph, from)
	return err
}

// dropEmpty removes a surveyed block that has become empty.
func dropEmpty(ctx context.Context, c *conn, graph store.GraphID, number int64) error {
	const empty = "FROM blocks WHERE graph = ? AND block = ? AND executions = 0"
	if _, err := c.exec(ctx, "DELETE FROM block_names WHERE (graph, block) IN (SELECT graph, block "+empty+")", graph, number); err != nil {
		return err
	}
	_, err := c.exec(ctx, "DELETE "+empty, graph, number)
	return err
}

func numberFromRow[T ~int64](rows *sql.Rows) (n T, err error) {
	err = rows.Scan(&n)
	return n, err
}
