package api

import (
	"context"
	"strings"

	"heddle/internal/store"
)

// showTrigger finds a trigger by its URN or its UUID.
func (a *API) showTrigger(ctx context.Context, r *request) (any, error) {
	identifier := r.Param("trigger_identifier")
	var t store.Trigger
	var err error
	if strings.HasPrefix(identifier, "urn:") {
		if err := a.checkTriggerURN("the trigger URN in the path", identifier, r, codeURN); err != nil {
			return nil, err
		}
		t, err = a.store.TriggerByURN(ctx, r.project, identifier)
	} else {
		t, err = a.store.TriggerByUUID(ctx, r.project, identifier)
	}
	if err != nil {
		return nil, orUnknownTrigger(err, codeUnknownTrigger, identifier)
	}
	return itemOf(t), nil
}
