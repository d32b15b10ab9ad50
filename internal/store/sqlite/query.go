package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"math"

	"heddle/internal/store"
)

// ListGraphs returns a page of a project's graphs. A project has thousands of
// graphs at most, so the filters look at each of them.
func (s *Store) ListGraphs(ctx context.Context, f store.GraphFilter, page store.Page) ([]store.Graph, int64, error) {
	const matching = `
		g.project = ?1 AND g.deleted_at IS NULL
		AND (?2 = '' OR g.name = ?2)
		AND substr(g.name, 1, length(?3)) = ?3
		AND (?4 = '' OR EXISTS
			(SELECT 1 FROM graph_references r WHERE r.graph = g.id AND r.kind = 'function' AND r.urn = ?4))
		AND (?5 = '' OR EXISTS
			(SELECT 1 FROM graph_references r WHERE r.graph = g.id AND r.kind = 'trigger' AND r.urn = ?5))`
	const (
		count      = `SELECT count(*) FROM graphs g WHERE ` + matching
		newest     = `SELECT ` + graphColumns + ` FROM ` + graphTables + ` WHERE g.id < ?6 AND ` + matching
		oldest     = `SELECT ` + graphColumns + ` FROM ` + graphTables + ` WHERE g.id > ?6 AND ` + matching
		descending = ` ORDER BY g.id DESC LIMIT ?7 OFFSET ?8`
		ascending  = ` ORDER BY g.id LIMIT ?7 OFFSET ?8`
	)
	text, after := newest+descending, store.GraphID(math.MaxInt64)
	if page.Ascending {
		text, after = oldest+ascending, 0
	}
	if page.AfterGraph != nil {
		after = *page.AfterGraph
	}
	filter := []any{f.Project, f.Name, f.NamePrefix, f.Function, f.Trigger}

	var graphs []store.Graph
	var n int64
	err := s.read(ctx, "list graphs", func(c *conn) (err error) {
		if err := c.row(ctx, count, filter, &n); err != nil {
			return err
		}
		graphs, err = collect(ctx, c, graphFromRow, text, append(filter, after, page.Limit, page.Offset)...)
		return err
	})
	return graphs, n, err
}

func graphFromRow(rows *sql.Rows) (g store.Graph, err error) {
	err = rows.Scan(graphDestinations(&g)...)
	return g, err
}

// ListExecutions returns a page of a graph's executions.
func (s *Store) ListExecutions(ctx context.Context, f store.ExecutionFilter, page store.Page) ([]store.Head, int64, error) {
	var heads []store.Head
	var n int64
	err := s.read(ctx, "list executions", func(c *conn) (err error) {
		var all int64
		if err := c.row(ctx, "SELECT executions FROM graphs WHERE id = ? AND deleted_at IS NULL", []any{f.Graph}, &all); err != nil {
			return err
		}
		l := list{conn: c, graph: f.Graph, page: page, after: firstID(page)}
		switch {
		case f.ID != nil:
			heads, n, err = l.one(ctx, *f.ID)
		case f.NamePrefix != "":
			heads, n, err = l.named(ctx, f.NamePrefix, all)
		default:
			n = all
			heads, err = l.every(ctx)
		}
		return err
	})
	return heads, n, err
}

// firstID returns the id that the items of a page come after, in its order.
func firstID(page store.Page) []byte {
	switch {
	case page.AfterExecution != nil:
		return page.AfterExecution[:]
	case page.Ascending:
		return []byte{}
	}
	// One byte longer than an id, so greater than all of them.
	return bytes.Repeat([]byte{0xff}, len(store.ExecutionID{})+1)
}

// list is a page of one graph's executions.
type list struct {
	*conn
	graph store.GraphID
	page  store.Page
	after []byte
}

// The pieces of the queries on executions. Every page has its graph as ?1 and
// what it comes after, its limit and its offset as ?2 to ?4.
const (
	headsNewest     = `SELECT ` + headColumns + ` FROM executions e WHERE e.graph = ?1 AND e.id < ?2`
	headsOldest     = `SELECT ` + headColumns + ` FROM executions e WHERE e.graph = ?1 AND e.id > ?2`
	headsDescending = ` ORDER BY e.id DESC LIMIT ?3 OFFSET ?4`
	headsAscending  = ` ORDER BY e.id LIMIT ?3 OFFSET ?4`

	// By the index of names: costs what there are of that name.
	byName = ` AND e.name >= ?5 AND e.name < ?6`
	// By the order of ids, as + keeps the index out: costs what is passed over.
	besideName = ` AND +e.name >= ?5 AND +e.name < ?6`
)

// every lists executions of all names.
func (l *list) every(ctx context.Context) ([]store.Head, error) {
	return l.heads(ctx, headsNewest+headsDescending, headsOldest+headsAscending)
}

// named lists those of the graph's executions, of which there are all, whose
// name begins with the prefix.
func (l *list) named(ctx context.Context, prefix string, all int64) ([]store.Head, int64, error) {
	var n int64
	from, to := prefix, prefixEnd(prefix)
	if err := l.row(ctx, "SELECT count(*) FROM executions WHERE graph = ? AND name >= ? AND name < ?",
		[]any{l.graph, from, to}, &n); err != nil {
		return nil, 0, err
	}
	newest, oldest := headsNewest+byName+headsDescending, headsOldest+byName+headsAscending
	// Going by ids passes all/n executions for each that it finds, if the
	// names are mixed; going by names fetches and sorts n.
	if wanted := int64(l.page.Offset + l.page.Limit); wanted*all < n*n {
		newest, oldest = headsNewest+besideName+headsDescending, headsOldest+besideName+headsAscending
	}
	heads, err := l.heads(ctx, newest, oldest, from, to)
	return heads, n, err
}

// one lists the execution with the id, or nothing.
func (l *list) one(ctx context.Context, id store.ExecutionID) ([]store.Head, int64, error) {
	const by = ` AND e.id = ?5`
	var n int64
	if err := l.row(ctx, "SELECT count(*) FROM executions WHERE graph = ? AND id = ?", []any{l.graph, id[:]}, &n); err != nil {
		return nil, 0, err
	}
	heads, err := l.heads(ctx, headsNewest+by+headsDescending, headsOldest+by+headsAscending, id[:])
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
	end := []byte(prefix)
	end[len(end)-1]++
	return string(end)
}
