package api

import (
	"context"
	"errors"

	"heddle/internal/store"
)

func (a *API) showMapping(ctx context.Context, r *request) (any, error) {
	m, err := a.mappingInPath(ctx, r)
	if err != nil {
		return nil, err
	}
	return a.mappingItem(m, r.project), nil
}

// enableMapping says whether events of the trigger start executions.
func (a *API) enableMapping(ctx context.Context, r *request) (any, error) {
	body, err := r.objectOr(mappingCodes)
	if err != nil {
		return nil, err
	}
	enabled, err := body.boolean("enabled", codeMappingBody)
	if err != nil {
		return nil, err
	}
	r.Choose("enabled", enabled)
	m, err := a.mappingInPath(ctx, r)
	if err != nil {
		return nil, err
	}
	if enabled {
		t, err := a.store.TriggerByURN(ctx, r.project, m.TriggerURN)
		if err != nil {
			return nil, orNoMapping(err, m)
		}
		if err := a.checkBucket(ctx, t); err != nil {
			return nil, err
		}
	}
	if err := a.store.EnableMapping(ctx, m.Graph, m.Trigger, enabled); err != nil {
		return nil, orNoMapping(err, m)
	}
	return ok, nil
}

func (a *API) deleteMapping(ctx context.Context, r *request) (any, error) {
	m, err := a.mappingInPath(ctx, r)
	if err != nil {
		return nil, err
	}
	if err := a.store.DeleteMapping(ctx, m.Graph, m.Trigger); err != nil {
		return nil, orNoMapping(err, m)
	}
	return ok, nil
}

// orNoMapping says what store.ErrNotFound means where a mapping was there a
// moment ago.
func orNoMapping(err error, m store.Mapping) error {
	if errors.Is(err, store.ErrNotFound) {
		return refuse(codeNoMapping, "the project has no mapping %q any more", mappingID(m))
	}
	return err
}
