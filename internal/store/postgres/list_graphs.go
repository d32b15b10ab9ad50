package postgres

import (
	"context"
	"math"

	"heddle/internal/store"
)

// ListGraphs returns a page of a project's graphs. A project has thousands of
// graphs at most, so the filters look at each of them.
func (s *Store) ListGraphs(ctx context.Context, f store.GraphFilter, page store.Page) ([]store.Graph, int64, error) {
	const matching = `
		g.project = $1 AND g.deleted_at IS NULL
		AND ($2 = '' OR g.name = $2)
		AND starts_with(g.name, $3)
		AND ($4 = '' OR EXISTS
			(SELECT 1 FROM graph_references r WHERE r.graph = g.id AND r.kind = 'function' AND r.urn = $4))
		AND ($5 = '' OR EXISTS
			(SELECT 1 FROM graph_references r WHERE r.graph = g.id AND r.kind = 'trigger' AND r.urn = $5))`
	const (
		count      = `SELECT count(*) FROM graphs g WHERE ` + matching
		newest     = `SELECT ` + graphColumns + ` FROM ` + graphTables + ` WHERE g.id < $6 AND ` + matching
		oldest     = `SELECT ` + graphColumns + ` FROM ` + graphTables + ` WHERE g.id > $6 AND ` + matching
		descending = ` ORDER BY g.id DESC LIMIT $7 OFFSET $8`
		ascending  = ` ORDER BY g.id LIMIT $7 OFFSET $8`
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
	err := s.readOnce(ctx, "list graphs", func(ctx context.Context, c *conn) (err error) {
		if err := c.row(ctx, count, filter, &n); err != nil {
			return err
		}
		graphs, err = collect(ctx, c, graphFromRow, text, append(filter, after, page.Limit, page.Offset)...)
		return err
	})
	return graphs, n, err
}
