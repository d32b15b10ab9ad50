package api

import (
	"context"
	"errors"

	"heddle/internal/store"
	"heddle/internal/urn"
)

type createGraphAnswer struct {
	CreatedAt string `json:"created_at"`
	GraphURN  string `json:"graph_urn"`
}

func (a *API) createGraph(ctx context.Context, r *request) (any, error) {
	body, err := r.object()
	if err != nil {
		return nil, err
	}
	name, err := body.text("graph_name", codeGraphName)
	if err != nil {
		return nil, err
	}
	if err := checkGraphName(name); err != nil {
		return nil, err
	}
	description := ""
	if body.value.Member("description") != nil {
		if description, err = body.text("description", codeDescription); err != nil {
			return nil, err
		}
		if err := checkDescription(description, codeDescription); err != nil {
			return nil, err
		}
	}
	d, err := a.definitionField(ctx, r, body, "definition")
	if err != nil {
		return nil, err
	}
	quota, err := a.quotaOf(ctx, r, store.CountedGraphs)
	if err != nil {
		return nil, err
	}
	g, err := a.engine.CreateGraph(ctx, r.project, name, description, d)
	switch {
	case errors.Is(err, store.ErrExists):
		return nil, refuse(codeGraphExists, "the project has a graph %q; choose another name or update that graph", name)
	case errors.Is(err, store.ErrQuota):
		return nil, refuse(codeGraphsQuota, "the quota of the project is %d graphs", quota.Limit)
	case err != nil:
		return nil, orBound(err, urn.Graph{Name: name})
	}
	r.About = a.urnOf(g)
	r.Choose("revision", g.Revision)
	return createGraphAnswer{timeText(g.CreatedAt), r.About}, nil
}
