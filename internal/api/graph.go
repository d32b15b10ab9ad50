package api

import (
	"context"
	"errors"
	"time"

	"heddle/internal/definition"
	"heddle/internal/journal"
	"heddle/internal/payload"
	"heddle/internal/store"
	"heddle/internal/urn"
)

// graph returns a stored graph.
func (a *API) graph(ctx context.Context, u urn.Graph) (store.Graph, error) {
	g, err := a.store.GraphByName(ctx, u.Project, u.Name)
	if err != nil {
		return store.Graph{}, orUnknownGraph(err, u)
	}
	return g, nil
}

// orUnknownGraph says what store.ErrNotFound means where a graph was asked for.
func orUnknownGraph(err error, u urn.Graph) error {
	if errors.Is(err, store.ErrNotFound) {
		return refuse(codeUnknownGraph, "the project has no graph %q", u.Name)
	}
	return err
}

// urnOf returns the URN of a stored graph.
func (a *API) urnOf(g store.Graph) string {
	return urn.Graph{Region: a.cfg.Region, Project: g.Project, Name: g.Name}.String()
}

// definition returns one revision of a graph's definition.
func (a *API) definition(ctx context.Context, g store.Graph, revision int) (store.Definition, error) {
	d, err := a.store.Definition(ctx, g.ID, revision)
	if errors.Is(err, store.ErrNotFound) {
		return store.Definition{}, refuse(codeDefinitionGone, "graph %q has no revision %d", g.Name, revision)
	}
	return d, err
}

// definitionField reads a definition out of a field that holds it as text.
func (a *API) definitionField(ctx context.Context, r *request, body object, name string) (*definition.Definition, error) {
	v := body.value.Member(name)
	if v == nil || v.Kind() == payload.Null {
		return nil, refuse(codeNoDefinition, "%s is missing; it must be a string that holds the definition", name)
	}
	text, err := body.text(name, codeParameter)
	if err != nil {
		return nil, err
	}
	d, problems := definition.Parse(text)
	if len(problems) > 0 {
		return nil, refuseDefinition(problems)
	}
	if err := a.checkEvents(ctx, r, d); err != nil {
		return nil, err
	}
	return d, nil
}

// checkEvents refuses a definition that names a trigger which the project lacks.
func (a *API) checkEvents(ctx context.Context, r *request, d *definition.Definition) error {
	for _, e := range d.Events {
		source := e.Source.String()
		_, err := a.store.TriggerByURN(ctx, r.project, source)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return refuse(codeNoTrigger, "event %q has the source %s, which is no trigger of the project; create it first", e.Name, source)
		case err != nil:
			return err
		}
	}
	return nil
}

// orBound says what the errors of a change mean that triggers and mappings stand
// against.
func orBound(err error, u urn.Graph) error {
	switch {
	case errors.Is(err, store.ErrNoTrigger):
		return refuse(codeNoTrigger, "a trigger that the definition names was deleted just now")
	case errors.Is(err, store.ErrMapped):
		return refuse(codeMappingEvents, "graph %q is mapped to a trigger, and the new definition has EVENT states; delete the mapping first", u.Name)
	}
	return orUnknownGraph(err, u)
}

// refuseDefinition tells the first problem as the error, and all of them beside it.
func refuseDefinition(problems []definition.Problem) error {
	first := problems[0]
	r := refuse(first.Code, "%s", first.Message)
	if first.Path != "" {
		r.message = first.Path + ": " + first.Message
	}
	for _, p := range problems {
		r.details = append(r.details, detail{p.Code, p.Path, p.Message})
	}
	return r
}

// timeText shows a moment as the API does everywhere: UTC, three decimals.
func timeText(at journal.Millis) string {
	return time.UnixMilli(int64(at)).UTC().Format("2006-01-02T15:04:05.000Z")
}

// secondText is timeText without the decimals, as triggers have it.
func secondText(at journal.Millis) string {
	return time.UnixMilli(int64(at)).UTC().Format("2006-01-02T15:04:05Z")
}

// optionalTime is timeText for a moment that may be missing, which is 0.
func optionalTime(at journal.Millis) string {
	if at == 0 {
		return ""
	}
	return timeText(at)
}
