package api

import (
	"context"

	"github.com/go-json-experiment/json/jsontext"
)

type graphDetailAnswer struct {
	Name         string         `json:"name"`
	LastModified string         `json:"last_modified"`
	Definition   jsontext.Value `json:"definition"`
	GraphURN     string         `json:"graph_urn"`
}

// graphDetail shows the definition with which an execution was started,
// whatever has become of the graph's since.
func (a *API) graphDetail(ctx context.Context, r *request) (any, error) {
	u, err := a.executionURN(r)
	if err != nil {
		return nil, err
	}
	g, head, err := a.execution(ctx, u)
	if err != nil {
		return nil, err
	}
	d, err := a.definition(ctx, g, head.Revision)
	if err != nil {
		return nil, err
	}
	return graphDetailAnswer{
		Name:         g.Name,
		LastModified: timeText(d.CreatedAt),
		Definition:   jsontext.Value(d.Text),
		GraphURN:     a.urnOf(g),
	}, nil
}
