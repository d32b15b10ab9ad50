package api

import (
	"context"
	"errors"

	"heddle/internal/store"
	"heddle/internal/urn"
)

type listMappingsAnswer struct {
	Mappings []mappingItem `json:"mappings"`
}

func (a *API) listMappings(ctx context.Context, r *request) (any, error) {
	q, err := r.query()
	if err != nil {
		return nil, err
	}
	filter, err := a.mappingFilter(ctx, r, q)
	if errors.Is(err, store.ErrNotFound) {
		return listMappingsAnswer{}, nil // an exact filter that no mapping can pass
	}
	if err != nil {
		return nil, err
	}
	mappings, err := a.store.ListMappings(ctx, filter)
	if err != nil {
		return nil, err
	}
	var answer listMappingsAnswer
	for _, m := range mappings {
		answer.Mappings = append(answer.Mappings, a.mappingItem(m, r.project))
	}
	return answer, nil
}

// mappingFilter reads the filters. It returns store.ErrNotFound if there is no
// such graph or trigger.
func (a *API) mappingFilter(ctx context.Context, r *request, q query) (store.MappingFilter, error) {
	filter := store.MappingFilter{Project: r.project}
	if text := q.text("graph_urn"); text != "" {
		u, err := urn.ParseGraph(text)
		switch {
		case err != nil:
			return filter, refuse(codeMappingGraph, "graph_urn is malformed: %v", err)
		case u.Region != a.cfg.Region || u.Project != r.project || checkGraphName(u.Name) != nil:
			return filter, store.ErrNotFound
		}
		g, err := a.store.GraphByName(ctx, r.project, u.Name)
		if err != nil {
			return filter, err
		}
		filter.Graph = g.ID
	}
	if text := q.text("trigger_urn"); text != "" {
		if _, err := urn.ParseTrigger(text); err != nil {
			return filter, refuse(codeMappingTrigger, "trigger_urn is malformed: %v", err)
		}
		t, err := a.store.TriggerByURN(ctx, r.project, text)
		if err != nil {
			return filter, err
		}
		filter.Trigger = t.ID
	}
	return filter, nil
}
