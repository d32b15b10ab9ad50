package api

import (
	"context"
	"errors"
	"fmt"

	"heddle/internal/store"
	"heddle/internal/trigger"
	"heddle/internal/urn"
)

// done is the answer of calls that have nothing to tell but that they are done.
type done struct {
	Response string `json:"response"`
}

var ok = done{"OK"}

// triggerCodes are what a body of the trigger calls that cannot be read is
// refused with.
var triggerCodes = bodyCodes{none: codeNoBody, syntax: codeTriggerSyntax, kind: codeParameter}

// triggerItem is a trigger as it is shown.
type triggerItem struct {
	Source      string `json:"event_source"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Definition  string `json:"trigger_def"`
	ID          string `json:"id"`
	URN         string `json:"trigger_urn"`
	CreatedAt   string `json:"created_at"`
}

func itemOf(t store.Trigger) triggerItem {
	return triggerItem{t.Source, t.Name, t.Description, t.Definition, t.UUID, t.URN, secondText(t.CreatedAt)}
}

// checkTriggerURN refuses a text that is not the URN of a trigger with the code,
// and one of another region or project as any URN.
func (a *API) checkTriggerURN(what, text string, r *request, malformed string) error {
	u, err := urn.ParseTrigger(text)
	if err != nil {
		return refuse(malformed, "%s is malformed: %v", what, err)
	}
	return a.checkOwner(what, u.Region, u.Project, r)
}

// orUnknownTrigger says what store.ErrNotFound means where a trigger was asked for.
func orUnknownTrigger(err error, code, identifier string) error {
	if errors.Is(err, store.ErrNotFound) {
		return refuse(code, "the project has no trigger %q", identifier)
	}
	return err
}

// refuseFault tells what is wrong with the definition of a trigger.
func refuseFault(err error) error {
	var f *trigger.Fault
	if errors.As(err, &f) {
		return refuse(f.Code, "%s", f.Message)
	}
	return err
}

// checkBucket refuses a trigger that would conflict with another one that is in
// use: a bucket tells one of them only.
func (a *API) checkBucket(ctx context.Context, t store.Trigger) error {
	d, err := trigger.Parse(t.Source, t.Definition)
	if err != nil || t.Source != urn.SourceOBS {
		return err
	}
	others, err := a.store.TriggersOf(ctx, t.Project, t.Source, t.Resource)
	if err != nil {
		return err
	}
	for _, other := range others {
		defined, err := trigger.Parse(other.Source, other.Definition)
		if err != nil {
			return err
		}
		if other.UUID == t.UUID || !d.Conflicts(defined) {
			continue
		}
		used, err := a.inUse(ctx, other)
		switch {
		case err != nil:
			return err
		case used:
			return refuse(codeBucketConflict, "the trigger %s is in use on the bucket %q for the same events and keys", other.URN, t.Resource)
		}
	}
	return nil
}

// inUse reports whether a graph waits for a trigger, or is mapped to it.
func (a *API) inUse(ctx context.Context, t store.Trigger) (bool, error) {
	mappings, err := a.store.ListMappings(ctx, store.MappingFilter{Project: t.Project, Trigger: t.ID})
	if err != nil || len(mappings) > 0 {
		return len(mappings) > 0, err
	}
	_, graphs, err := a.store.ListGraphs(ctx, store.GraphFilter{Project: t.Project, Trigger: t.URN}, store.Page{})
	return graphs > 0, err
}

// triggerURN makes the URN of a new trigger. One without a name has the UUID in
// its place, once.
func (a *API) triggerURN(t store.Trigger, named bool) string {
	name := t.UUID
	if named {
		name = t.Name + t.UUID
	}
	return urn.Trigger{
		Region: a.cfg.Region, Project: t.Project, Source: t.Source,
		Rest: fmt.Sprintf("%s_%s_%d", t.Resource, name, t.CreatedAt/1000),
	}.String()
}
