package api

import (
	"context"
	"errors"

	"heddle/internal/store"
)

func (a *API) deleteTrigger(ctx context.Context, r *request) (any, error) {
	text := r.Param("trigger_urn")
	if err := a.checkTriggerURN("the trigger URN in the path", text, r, codeURN); err != nil {
		return nil, err
	}
	if err := a.removeTrigger(ctx, r.project, text); err != nil {
		return nil, err
	}
	return ok, nil
}

// removeTrigger deletes a trigger that nothing refers to.
func (a *API) removeTrigger(ctx context.Context, project, text string) error {
	t, err := a.store.TriggerByURN(ctx, project, text)
	if err == nil {
		err = a.store.DeleteTrigger(ctx, t.ID)
	}
	switch {
	case errors.Is(err, store.ErrMapped):
		return refuse(codeTriggerMapped, "a mapping binds %s to a graph; delete the mapping first", text)
	case errors.Is(err, store.ErrNamed):
		return refuse(codeTriggerNamed, "the definition of a graph names %s, or of an execution that waits for it; update or delete the graph first, or stop the execution", text)
	}
	return orUnknownTrigger(err, codeNoTriggerToDelete, text)
}
