package postgres

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"heddle/internal/store"
	"heddle/internal/store/block"
)

// ListExecutions returns a page of a graph's executions.
func (s *Store) ListExecutions(ctx context.Context, f store.ExecutionFilter, page store.Page) ([]store.Head, int64, error) {
	var heads []store.Head
	var n int64
	err := s.readOnce(ctx, "list executions", func(ctx context.Context, c *conn) (err error) {
		var all int64
		if err := c.row(ctx, "SELECT "+graphExecutions+" FROM graphs g WHERE g.id = $1 AND g.deleted_at IS NULL",
			[]any{f.Graph}, &all); err != nil {
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

// The pieces of the queries on executions. Every page has its graph as $1, and
// what it comes after, its limit and its offset as $2 to $4.
const (
	selectHeads = `SELECT ` + headColumns + ` FROM executions e WHERE e.graph = $1`
	newestFirst = ` AND e.id < $2 ORDER BY e.id DESC LIMIT $3 OFFSET $4`
	oldestFirst = ` AND e.id > $2 ORDER BY e.id LIMIT $3 OFFSET $4`
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
	l.page.Offset = offset
	heads, err := l.heads(ctx, newestNamed, oldestNamed, from, to, numbers)
	return heads, block.Count(blocks), err
}

// blocks returns the graph's blocks that have executions with a name from from
// on and before to, and how many.
func (l *list) blocks(ctx context.Context, from, to string) ([]block.Block, error) {
	var blocks []block.Block
	add := func(rows pgx.Rows) error {
		var one block.Block
		dest := []any{&one.Number, (*byteaID)(&one.First), (*byteaID)(&one.Last), &one.Matches}
		return each(rows, dest, func() { blocks = append(blocks, one) })
	}
	var b pgx.Batch
	b.Queue(countedBlocks, l.graph, from, to).Query(add)
	b.Queue(surveyedBlocks, l.graph, from, to).Query(add)
	err := l.send(ctx, &b)
	return blocks, err
}

const (
	// In blocks that are not surveyed the names are counted in their index. Until
	// version 18 there is no min of a bytea.
	countedBlocks = `
		SELECT e.block, decode(min(encode(e.id, 'hex') COLLATE "C"), 'hex'), decode(max(encode(e.id, 'hex') COLLATE "C"), 'hex'), count(*)
		FROM blocks b JOIN executions e ON e.graph = b.graph AND e.block = b.block
		WHERE b.graph = $1 AND b.executions IS NULL AND e.name >= $2 AND e.name < $3
		GROUP BY e.block`

	// Else there are the ranges of names that lie in it, the names before the
	// first range, and the names of the range that is cut at its end.
	surveyedBlocks = `
		SELECT b.block, b.first_id, b.last_id, n.executions
			+ (SELECT count(*) FROM executions e
				WHERE e.graph = b.graph AND e.block = b.block AND e.name >= $2 AND e.name < n.first)
			+ (SELECT count(*) FROM executions e
				WHERE e.graph = b.graph AND e.block = b.block AND e.name >= n.cut AND e.name < $3)
		FROM blocks b CROSS JOIN LATERAL (
			SELECT coalesce(sum(executions) FILTER (WHERE last < $3), 0)::bigint AS executions,
				coalesce(min(first), $3) AS first, max(first) FILTER (WHERE last >= $3) AS cut
			FROM block_names
			WHERE graph = b.graph AND block = b.block AND first >= $2 AND first < $3) AS n
		WHERE b.graph = $1 AND b.executions IS NOT NULL`
)

// A page is found among the names of its blocks, and sorted.
const (
	named = `
		WITH named AS MATERIALIZED
			(SELECT n.id FROM executions n WHERE n.graph = $1 AND n.block = ANY($7) AND n.name >= $5 AND n.name < $6)
		SELECT ` + headColumns + ` FROM executions e WHERE e.graph = $1 AND e.id IN (SELECT e.id FROM named e WHERE true`
	newestNamed = named + newestFirst + `) ORDER BY e.id DESC`
	oldestNamed = named + oldestFirst + `) ORDER BY e.id`
)

// one lists the execution with the id, or nothing.
func (l *list) one(ctx context.Context, id store.ExecutionID) ([]store.Head, int64, error) {
	const by = ` AND e.id = $5`
	var n int64
	if err := l.row(ctx, "SELECT count(*) FROM executions WHERE graph = $1 AND id = $2", []any{l.graph, id[:]}, &n); err != nil {
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

// prefixEnd returns the smallest text that is greater than all that begin with
// the prefix, in the order of their bytes, which in UTF-8 is that of the runes.
func prefixEnd(prefix string) string {
	const greatest = string(utf8.MaxRune)
	rest := strings.TrimRight(prefix, greatest)
	if rest == "" {
		return strings.Repeat(greatest, indexedMax/len(greatest)+1)
	}
	const lastBeforeSurrogates, firstAfterSurrogates = 0xd7ff, 0xe000
	last, size := utf8.DecodeLastRuneInString(rest)
	next := last + 1
	if last == lastBeforeSurrogates {
		next = firstAfterSurrogates
	}
	return rest[:len(rest)-size] + string(next)
}

// indexedMax is how many bytes a name in an index has at most.
const indexedMax = 2704
