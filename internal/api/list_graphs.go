package api

import (
	"context"
	"strconv"

	"heddle/internal/store"
	"heddle/internal/urn"
)

type listGraphsAnswer struct {
	Count      int64       `json:"count"`
	Graphs     []graphItem `json:"graphs"`
	NextMarker string      `json:"next_marker,omitempty"`
}

type graphItem struct {
	Name      string `json:"name"`
	CreatedAt string `json:"created_at"`
	GraphURN  string `json:"graph_urn"`
}

func (a *API) listGraphs(ctx context.Context, r *request) (any, error) {
	q, err := r.query()
	if err != nil {
		return nil, err
	}
	p, err := q.page(codeGraphsStart, codeGraphsLimit)
	if err != nil {
		return nil, err
	}
	filter, err := graphFilter(q)
	if err != nil {
		return nil, err
	}
	filter.Project = r.project
	if text := q.text("graph_urn"); text != "" {
		u, err := urn.ParseGraph(text)
		if err != nil || u.Region != a.cfg.Region || u.Project != r.project {
			return listGraphsAnswer{}, nil // an exact filter that no graph can pass
		}
		filter.Name = u.Name
	}
	part, err := p.ofGraphs()
	if err != nil {
		return nil, err
	}
	graphs, count, err := a.store.ListGraphs(ctx, filter, part)
	if err != nil {
		return nil, err
	}
	answer := listGraphsAnswer{Count: count}
	if len(graphs) > p.limit {
		graphs = graphs[:p.limit]
		answer.NextMarker = strconv.FormatInt(int64(graphs[p.limit-1].ID), 10)
	}
	for _, g := range graphs {
		answer.Graphs = append(answer.Graphs, graphItem{g.Name, timeText(g.CreatedAt), a.urnOf(g)})
	}
	return answer, nil
}

// graphFilter reads the filters other than graph_urn, and checks all of them.
func graphFilter(q query) (store.GraphFilter, error) {
	if err := q.exclusive("name", "graph_urn", "trigger_urn", "function_urn"); err != nil {
		return store.GraphFilter{}, err
	}
	if !consistsOf(q.text("name"), nameSigns) {
		return store.GraphFilter{}, refuse(codeNameFilter, "name may hold letters, digits, '-' and '_' only")
	}
	for _, f := range []struct{ name, signs string }{
		{"graph_urn", ":"},
		{"trigger_urn", ":."},
		{"function_urn", ":.!"}, // versions hold dots, and aliases begin with '!'
	} {
		if !consistsOf(q.text(f.name), nameSigns+f.signs) {
			return store.GraphFilter{}, refuse(codeURNFilter, "%s may hold letters, digits and - _ %s only", f.name, f.signs)
		}
	}
	return store.GraphFilter{
		NamePrefix: q.text("name"),
		Trigger:    q.text("trigger_urn"),
		Function:   q.text("function_urn"),
	}, nil
}

// ofGraphs asks the store for the page, and for one item more to see whether
// the list goes on.
func (p page) ofGraphs() (store.Page, error) {
	part := store.Page{Offset: p.start - 1, Limit: p.limit + 1, Ascending: p.ascending}
	if p.marker != "" {
		n, err := strconv.ParseInt(p.marker, 10, 64)
		if err != nil {
			return store.Page{}, refuseMarker(p.marker)
		}
		id := store.GraphID(n)
		part.AfterGraph = &id
	}
	return part, nil
}
