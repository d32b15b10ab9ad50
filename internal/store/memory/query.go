package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"heddle/internal/store"
)

// ListGraphs returns a page of a project's graphs.
func (s *Store) ListGraphs(ctx context.Context, f store.GraphFilter, page store.Page) ([]store.Graph, int64, error) {
	var listed []store.Graph
	var n int64
	err := s.read(ctx, "ListGraphs", func() error {
		var all []store.Graph
		for _, g := range s.graphs {
			if !g.deleted && matches(g, f) {
				all = append(all, g.Graph)
			}
		}
		slices.SortFunc(all, func(a, b store.Graph) int { return cmp.Compare(a.ID, b.ID) })
		n = int64(len(all))
		var fromCursor func(store.Graph) int
		if cursor := page.AfterGraph; cursor != nil {
			fromCursor = func(g store.Graph) int { return cmp.Compare(g.ID, *cursor) }
		}
		listed = cut(all, page, fromCursor)
		return nil
	})
	return listed, n, err
}

func matches(g *graph, f store.GraphFilter) bool {
	return g.Project == f.Project &&
		strings.HasPrefix(g.Name, f.NamePrefix) &&
		(f.Name == "" || g.Name == f.Name) &&
		(f.Trigger == "" || slices.Contains(g.refs.Triggers, f.Trigger)) &&
		(f.Function == "" || slices.Contains(g.refs.Functions, f.Function))
}

// executionsOf returns a graph's executions, the oldest first.
func (d *data) executionsOf(id store.GraphID) []*execution {
	var all []*execution
	for key, x := range d.executions {
		if key.Graph == id {
			all = append(all, x)
		}
	}
	slices.SortFunc(all, func(a, b *execution) int { return bytes.Compare(a.head.ID[:], b.head.ID[:]) })
	return all
}

// ListExecutions returns a page of a graph's executions.
func (s *Store) ListExecutions(ctx context.Context, f store.ExecutionFilter, page store.Page) ([]store.Head, int64, error) {
	var listed []store.Head
	var n int64
	err := s.read(ctx, "ListExecutions", func() error {
		if _, err := s.live(f.Graph); err != nil {
			return err
		}
		var all []store.Head
		for _, x := range s.executionsOf(f.Graph) {
			if strings.HasPrefix(x.head.Name, f.NamePrefix) && (f.ID == nil || x.head.ID == *f.ID) {
				all = append(all, x.head)
			}
		}
		n = int64(len(all))
		var fromCursor func(store.Head) int
		if cursor := page.AfterExecution; cursor != nil {
			fromCursor = func(h store.Head) int { return bytes.Compare(h.ID[:], cursor[:]) }
		}
		listed = cut(all, page, fromCursor)
		return nil
	})
	return listed, n, err
}

// cut returns a page of a list that is given oldest first. compare puts an item
// before or after the cursor; it is nil if the page has none.
func cut[T any](all []T, page store.Page, compare func(T) int) []T {
	if !page.Ascending {
		slices.Reverse(all)
	}
	if compare != nil {
		all = slices.DeleteFunc(all, func(item T) bool {
			return compare(item) == 0 || compare(item) > 0 != page.Ascending
		})
	}
	from := min(page.Offset, len(all))
	return all[from:min(from+page.Limit, len(all))]
}
