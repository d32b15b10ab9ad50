package api

import (
	"context"
	"encoding/hex"

	"heddle/internal/journal"
	"heddle/internal/store"
	"heddle/internal/urn"
)

type listExecutionsAnswer struct {
	Count      int64           `json:"count"`
	Executions []executionItem `json:"executions"`
	NextMarker string          `json:"next_marker,omitempty"`
}

type executionItem struct {
	GraphURN      string         `json:"graph_urn"`
	ExecutionURN  string         `json:"execution_urn"`
	ExecutionName string         `json:"execution_name"`
	StartedAt     string         `json:"started_at"`
	StoppedAt     string         `json:"stopped_at,omitempty"`
	Status        journal.Status `json:"execution_status"`
}

func (a *API) listExecutions(ctx context.Context, r *request) (any, error) {
	u, err := a.graphURN(r)
	if err != nil {
		return nil, err
	}
	q, err := r.query()
	if err != nil {
		return nil, err
	}
	p, err := q.page(codeStart, codeLimit)
	if err != nil {
		return nil, err
	}
	if err := q.exclusive("name", "execution_urn"); err != nil {
		return nil, err
	}
	if sign, ok := forbiddenSign(q.text("name")); ok {
		return nil, refuse(codeExecutionFilter, "name has %q, which no name of an execution has", sign)
	}
	part, err := p.ofExecutions()
	if err != nil {
		return nil, err
	}
	g, err := a.graph(ctx, u)
	if err != nil {
		return nil, err
	}
	filter := store.ExecutionFilter{Graph: g.ID, NamePrefix: q.text("name")}
	var exact urn.Execution
	if text := q.text("execution_urn"); text != "" {
		exact, err = urn.ParseExecution(text)
		if err != nil || exact.GraphURN() != u {
			return listExecutionsAnswer{}, nil // an exact filter that no execution of the graph can pass
		}
		id := executionIDFromURN(exact)
		filter.ID = &id
	}
	heads, count, err := a.store.ListExecutions(ctx, filter, part)
	if err != nil {
		return nil, orUnknownGraph(err, u)
	}
	if filter.ID != nil && len(heads) > 0 && heads[0].Name != exact.Name {
		return listExecutionsAnswer{}, nil // the id is right, but the URN is another's
	}
	answer := listExecutionsAnswer{Count: count}
	if len(heads) > p.limit {
		heads = heads[:p.limit]
		answer.NextMarker = hex.EncodeToString(heads[p.limit-1].ID[:])
	}
	for _, h := range heads {
		answer.Executions = append(answer.Executions, a.executionItem(g, h))
	}
	return answer, nil
}

func (a *API) executionItem(g store.Graph, h store.Head) executionItem {
	return executionItem{
		GraphURN:      a.urnOf(g),
		ExecutionURN:  a.urnOfExecution(g, h),
		ExecutionName: h.Name,
		StartedAt:     timeText(h.StartedAt),
		StoppedAt:     optionalTime(h.StoppedAt),
		Status:        h.Status,
	}
}

// ofExecutions asks the store for the page, and for one item more to see
// whether the list goes on.
func (p page) ofExecutions() (store.Page, error) {
	part := store.Page{Offset: p.start - 1, Limit: p.limit + 1, Ascending: p.ascending}
	if p.marker != "" {
		id, err := hex.DecodeString(p.marker)
		if err != nil || len(id) != len(store.ExecutionID{}) {
			return store.Page{}, refuseMarker(p.marker)
		}
		part.AfterExecution = (*store.ExecutionID)(id)
	}
	return part, nil
}
