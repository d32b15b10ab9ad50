package api

import (
	"context"
	"errors"
	"strings"

	"heddle/internal/store"
	"heddle/internal/urn"
)

// mappingCodes are what a body of the mapping calls that cannot be read is
// refused with.
var mappingCodes = bodyCodes{none: codeMappingBody, syntax: codeMappingBody, kind: codeMappingBody}

// mappingItem is a mapping as it is shown.
type mappingItem struct {
	TriggerURN string `json:"trigger_urn"`
	GraphURN   string `json:"graph_urn"`
	Enabled    bool   `json:"enabled"`
	ID         string `json:"id"`
	CreatedAt  int64  `json:"created_at"` // seconds since 1970
}

func (a *API) mappingItem(m store.Mapping, project string) mappingItem {
	return mappingItem{
		TriggerURN: m.TriggerURN,
		GraphURN:   urn.Graph{Region: a.cfg.Region, Project: project, Name: m.GraphName}.String(),
		Enabled:    m.Enabled,
		ID:         mappingID(m),
		CreatedAt:  int64(m.CreatedAt) / 1000,
	}
}

// mappingID is the last part of the graph's URN and that of the trigger's.
func mappingID(m store.Mapping) string {
	return m.GraphName + ":" + m.TriggerURN[strings.LastIndexByte(m.TriggerURN, ':')+1:]
}

// mappingInPath returns the mapping whose id stands in the path.
func (a *API) mappingInPath(ctx context.Context, r *request) (store.Mapping, error) {
	id := r.Param("mapping_id")
	graph, last, _ := strings.Cut(id, ":")
	text := "urn:fgs:" + a.cfg.Region + ":" + r.project + ":trigger:" + last
	if _, err := urn.ParseTrigger(text); err != nil || checkGraphName(graph) != nil {
		return store.Mapping{}, refuse(codeMappingID, "the mapping id in the path is %q; it must be the last part of the graph's URN, a colon, and the last part of the trigger's URN", id)
	}
	m, err := a.findMapping(ctx, r.project, graph, text)
	if errors.Is(err, store.ErrNotFound) {
		return store.Mapping{}, refuse(codeNoMapping, "the project has no mapping %q", id)
	}
	return m, err
}

func (a *API) findMapping(ctx context.Context, project, graph, trigger string) (store.Mapping, error) {
	g, err := a.store.GraphByName(ctx, project, graph)
	if err != nil {
		return store.Mapping{}, err
	}
	t, err := a.store.TriggerByURN(ctx, project, trigger)
	if err != nil {
		return store.Mapping{}, err
	}
	mappings, err := a.store.ListMappings(ctx, store.MappingFilter{Project: project, Graph: g.ID, Trigger: t.ID})
	switch {
	case err != nil:
		return store.Mapping{}, err
	case len(mappings) == 0:
		return store.Mapping{}, store.ErrNotFound
	}
	return mappings[0], nil
}
