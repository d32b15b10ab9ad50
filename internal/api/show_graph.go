package api

import (
	"context"

	"github.com/go-json-experiment/json/jsontext"
)

type graphAnswer struct {
	Name        string         `json:"name"`
	CreatedAt   string         `json:"created_at"`
	Definition  jsontext.Value `json:"definition"`
	GraphURN    string         `json:"graph_urn"`
	Description string         `json:"description,omitempty"`
}

func (a *API) showGraph(ctx context.Context, r *request) (any, error) {
	u, err := a.graphURN(r)
	if err != nil {
		return nil, err
	}
	g, err := a.graph(ctx, u)
	if err != nil {
		return nil, err
	}
	d, err := a.definition(ctx, g, g.Revision)
	if err != nil {
		return nil, err
	}
	return graphAnswer{
		Name:        g.Name,
		CreatedAt:   timeText(g.CreatedAt),
		Definition:  jsontext.Value(d.Text),
		GraphURN:    a.urnOf(g),
		Description: g.Description,
	}, nil
}
