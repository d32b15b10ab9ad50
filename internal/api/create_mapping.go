package api

import (
	"context"
	"errors"
	"time"

	"heddle/internal/journal"
	"heddle/internal/payload"
	"heddle/internal/store"
	"heddle/internal/urn"
)

// createMapping binds a trigger to a graph. The answer's response is the id of
// the mapping.
func (a *API) createMapping(ctx context.Context, r *request) (any, error) {
	body, err := r.objectOr(mappingCodes)
	if err != nil {
		return nil, err
	}
	triggerURN, err := body.text("trigger_urn", codeMappingBody)
	if err != nil {
		return nil, err
	}
	if err := a.checkTriggerURN("trigger_urn", triggerURN, r, codeMappingTrigger); err != nil {
		return nil, err
	}
	graphURN, err := body.text("graph_urn", codeMappingBody)
	if err != nil {
		return nil, err
	}
	graph, err := urn.ParseGraph(graphURN)
	if err != nil {
		return nil, refuse(codeMappingGraph, "graph_urn is malformed: %v", err)
	}
	if err := a.checkOwner("graph_urn", graph.Region, graph.Project, r); err != nil {
		return nil, err
	}
	enabled := false
	if body.value.Member("enabled") != nil {
		if enabled, err = body.boolean("enabled", codeMappingBody); err != nil {
			return nil, err
		}
	}

	t, err := a.store.TriggerByURN(ctx, r.project, triggerURN)
	if err != nil {
		return nil, orUnknownTrigger(err, codeMappingNoTrigger, triggerURN)
	}
	g, err := a.store.GraphByName(ctx, r.project, graph.Name)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, refuse(codeMappingNoGraph, "the project has no graph %q", graph.Name)
	case err != nil:
		return nil, err
	case t.Source == urn.SourceWorker:
		return nil, refuse(codeMappingWorker, "%s is a trigger of workers, which wake executions and start none", triggerURN)
	}
	if err := a.checkBucket(ctx, t); err != nil {
		return nil, err
	}
	r.Choose("enabled", enabled)
	m := store.Mapping{
		Graph: g.ID, Trigger: t.ID, Enabled: enabled,
		CreatedAt: journal.Millis(time.Now().Truncate(time.Second).UnixMilli()),
		GraphName: g.Name, TriggerURN: t.URN,
	}
	switch err := a.store.CreateMapping(ctx, m); {
	case errors.Is(err, store.ErrExists):
		return nil, refuse(codeMappingExists, "%s is mapped to graph %q already", triggerURN, g.Name)
	case errors.Is(err, store.ErrNamed):
		return nil, refuse(codeMappingEvents, "graph %q has EVENT states", g.Name)
	case errors.Is(err, store.ErrTopic):
		return nil, refuse(codeMappingTopic, "another trigger of the topic %q is mapped to graph %q", t.Resource, g.Name)
	case errors.Is(err, store.ErrNotFound):
		return nil, refuse(codeMappingNoTrigger, "the trigger or the graph was deleted just now")
	case err != nil:
		return nil, err
	}
	r.About = mappingID(m)
	return done{r.About}, nil
}

// boolean returns a member that must be true or false.
func (o object) boolean(name, code string) (bool, error) {
	v, err := o.field(name, payload.Bool, code)
	return err == nil && v.True(), err
}
