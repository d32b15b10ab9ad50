package sqlite

import (
	"context"
	"database/sql"

	"heddle/internal/store"
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

// sortMax is the number of executions up to which a page is found by its name
// and sorted; that takes some milliseconds.
const sortMax = 20_000

// named lists those of the graph's executions, of which there are all, whose
// name begins with the prefix.
func (l *list) named(ctx context.Context, prefix string, all int64) ([]store.Head, int64, error) {
	from, to := prefix, prefixEnd(prefix)
	n, err := l.countNamed(ctx, from, to, all)
	if err != nil {
		return nil, 0, err
	}
	find := l.rare
	if n > sortMax {
		find = l.frequent
	}
	heads, err := find(ctx, from, to)
	return heads, n, err
}

// countNamed counts the names of a range. A million takes a tenth of a second,
// so it looks first whether all names are in it, as they often are.
func (l *list) countNamed(ctx context.Context, from, to string, all int64) (n int64, err error) {
	var others bool
	if err := l.row(ctx, `
		SELECT EXISTS (SELECT 1 FROM executions WHERE graph = ?1 AND name < ?2)
			OR EXISTS (SELECT 1 FROM executions WHERE graph = ?1 AND name >= ?3)`,
		[]any{l.graph, from, to}, &others); err != nil || !others {
		return all, err
	}
	err = l.row(ctx, "SELECT count(*) FROM executions WHERE graph = ? AND name >= ? AND name < ?",
		[]any{l.graph, from, to}, &n)
	return n, err
}

// rare finds all ids in the index of names, and sorts them.
func (l *list) rare(ctx context.Context, from, to string) ([]store.Head, error) {
	const (
		ids    = `SELECT e.id FROM executions e INDEXED BY executions_by_name WHERE e.graph = ?1 AND e.name >= ?5 AND e.name < ?6`
		newest = selectHeads + ` AND e.id IN (` + ids + newestFirst + `) ORDER BY e.id DESC`
		oldest = selectHeads + ` AND e.id IN (` + ids + oldestFirst + `) ORDER BY e.id`
	)
	return l.heads(ctx, newest, oldest, from, to)
}

// frequent goes by the ids, past other names, until the page is full. The + keeps
// SQLite from using the index of names.
func (l *list) frequent(ctx context.Context, from, to string) ([]store.Head, error) {
	const named = ` AND +e.name >= ?5 AND +e.name < ?6`
	return l.heads(ctx, selectHeads+named+newestFirst, selectHeads+named+oldestFirst, from, to)
}

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
	end := []byte(prefix)
	end[len(end)-1]++
	return string(end)
}
