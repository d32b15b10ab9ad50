package api

import (
	"context"

	"heddle/internal/store"
)

// updateTrigger changes the description, which is all that can be changed.
func (a *API) updateTrigger(ctx context.Context, r *request) (any, error) {
	text := r.Param("trigger_urn")
	if err := a.checkTriggerURN("the trigger URN in the path", text, r, codeURN); err != nil {
		return nil, err
	}
	body, err := r.objectOr(triggerCodes)
	if err != nil {
		return nil, err
	}
	if err := body.onlyOr(codeParameter, "description"); err != nil {
		return nil, err
	}
	description, err := triggerDescription(body)
	if err != nil {
		return nil, err
	}
	var t store.Trigger
	if t, err = a.store.TriggerByURN(ctx, r.project, text); err == nil {
		err = a.store.DescribeTrigger(ctx, t.ID, description)
	}
	if err != nil {
		return nil, orUnknownTrigger(err, codeNoTriggerToUpdate, text)
	}
	return ok, nil
}
