package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"heddle/internal/store"
	"heddle/internal/store/block"
)

// ListExecutions returns a page of a graph's executions.
func (s *Store) ListExecutions(ctx context.Context, f store.ExecutionFilter, page store.Page) ([]store.Head, int64, error) {
	var heads []store.Head
	var n int64
	err := s.read(ctx, "list executions", func(c *conn) (err error) {
		var all int64
		if err := c.row(ctx, "SELECT executions FROM graphs WHERE id = ? AND deleted_at IS NULL", []any{f.Graph}, &all); err != nil {
			return err
		}
		l := list{conn: c, graph: f.Graph, page: page, after: page.FirstID()}
		switch {
		case f.ID != nil:
			heads, n, err = l.one(ctx, *f.ID)
		case f.NamePrefix != "" || page.Offset > block.Size:
			heads, n, err = l.named(ctx, f.NamePrefix)
		default:
			n = all
			heads, err = l.every(ctx)
		}
		return err
	})
	return heads, n, err
}

// list is a page of one graph's executions.
type list struct {
	*conn
	graph store.GraphID
	page  store.Page
	after []byte
}

// The pieces of the queries on executions. Every page has its graph as ?1, and
// what it comes after, its limit and its offset as ?2 to ?4.
const (
	selectHeads = `SELECT ` + headColumns + ` FROM executions e WHERE e.graph = ?1`
	newestFirst = ` AND e.id < ?2 ORDER BY e.id DESC LIMIT ?3 OFFSET ?4`
	oldestFirst = ` AND e.id > ?2 ORDER BY e.id LIMIT ?3 OFFSET ?4`
)

// every lists executions of all names.
func (l *list) every(ctx context.Context) ([]store.Head, error) {
	return l.heads(ctx, selectHeads+newestFirst, selectHeads+oldestFirst)
}

// named lists those whose name begins with the prefix.
func (l *list) named(ctx context.Context, prefix string) ([]store.Head, int64, error) {
	from, to := prefix, prefixEnd(prefix)
	blocks, err := l.blocks(ctx, from, to)
	if err != nil {
		return nil, 0, err
	}
	numbers, offset := block.Part(blocks, l.page)
	if len(numbers) == 0 {
		return nil, block.Count(blocks), nil
	}
	list, err := json.Marshal(numbers)
	if err != nil {
		return nil, 0, err
	}
	l.page.Offset = offset
	heads, err := l.heads(ctx, newestNamed, oldestNamed, from, to, string(list))
	return heads, block.Count(blocks), err
}

// blocks returns the graph's blocks that have executions with a name from from
// on and before to, and how many.
func (l *list) blocks(ctx context.Context, from, to string) ([]block.Block, error) {
	counted, err := collect(ctx, l.conn, blockFromRow, countedBlocks, l.graph, from, to)
	if err != nil {
		return nil, err
	}
	surveyed, err := collect(ctx, l.conn, blockFromRow, surveyedBlocks, l.graph, from, to)
	return append(counted, surveyed...), err
}

const (
	// In blocks that are not surveyed the names are counted in their index.
	countedBlocks = `
		SELECT e.block, min(e.id), max(e.id), count(*)
		FROM blocks b CROSS JOIN executions e INDEXED BY executions_by_name ON e.graph = b.graph AND e.block = b.block
		WHERE b.graph = ?1 AND b.executions IS NULL AND e.name >= ?2 AND e.name < ?3
		GROUP BY e.block`

	// Else there are the ranges of names that lie in it, the names before the
	// first range, and the names of the range that is cut at its end.
	surveyedBlocks = `
		WITH covered AS (
			SELECT b.block, b.first_id, b.last_id,
				coalesce(sum(n.executions) FILTER (WHERE n.last < ?3), 0) AS executions,
				coalesce(min(n.first), ?3) AS first, max(n.first) FILTER (WHERE n.last >= ?3) AS cut
			FROM blocks b LEFT JOIN block_names n ON n.graph = b.graph AND n.block = b.block AND n.first >= ?2 AND n.first < ?3
			WHERE b.graph = ?1 AND b.executions IS NOT NULL
			GROUP BY b.block)
		SELECT c.block, c.first_id, c.last_id, c.executions
			+ (SELECT count(*) FROM executions e
				WHERE e.graph = ?1 AND e.block = c.block AND e.name >= ?2 AND e.name < c.first)
			+ (SELECT count(*) FROM executions e
				WHERE e.graph = ?1 AND e.block = c.block AND e.name >= c.cut AND e.name < ?3)
		FROM covered c`
)

func blockFromRow(rows *sql.Rows) (b block.Block, err error) {
	err = rows.Scan(&b.Number, (*blobID)(&b.First), (*blobID)(&b.Last), &b.Matches)
	return b, err
}

// A page is found among the names of its blocks, and sorted.
const (
	namedIDs = `SELECT e.id FROM executions e INDEXED BY executions_by_name
		WHERE e.graph = ?1 AND e.block IN (SELECT value FROM json_each(?7)) AND e.name >= ?5 AND e.name < ?6`
	newestNamed = selectHeads + ` AND e.id IN (` + namedIDs + newestFirst + `) ORDER BY e.id DESC`
	oldestNamed = selectHeads + ` AND e.id IN (` + namedIDs + oldestFirst + `) ORDER BY e.id`
)

// one lists the execution with the id, or nothing.
func (l *list) one(ctx context.Context, id store.ExecutionID) ([]store.Head, int64, error) {
	const by = ` AND e.id = ?5`
	var n int64
	if err := l.row(ctx, "SELECT count(*) FROM executions WHERE graph = ? AND id = ?", []any{l.graph, id[:]}, &n); err != nil {
		return nil, 0, err
	}
	heads, err := l.heads(ctx, selectHeads+by+newestFirst, selectHeads+by+oldestFirst, id[:])
	return heads, n, err
}

// heads runs the query for the order of the page.
func (l *list) heads(ctx context.Context, newest, oldest string, filter ...any) ([]store.Head, error) {
	text := newest
	if l.page.Ascending {
		text = oldest
	}
	args := append([]any{l.graph, l.after, l.page.Limit, l.page.Offset}, filter...)
	return collect(ctx, l.conn, headFromRow, text, args...)
}

func headFromRow(rows *sql.Rows) (h store.Head, err error) {
	err = rows.Scan(headDestinations(&h)...)
	return h, err
}

// prefixEnd returns the smallest string that is greater than all that begin
// with the prefix. No byte of UTF-8 is 0xff, so there is a greater one.
func prefixEnd(prefix string) string {
	if prefix == "" {
		return "\xff"
	}
	end := []byte(prefix)
	end[len(end)-1]++
	return string(end)
}
