package api

import (
	"context"
	"errors"
	"slices"
	"strings"

	"heddle/internal/payload"
)

const batchMax = 50

// batchTriggers deletes triggers, each for itself: those that cannot be deleted
// do not keep the others from it, and the answer names them.
func (a *API) batchTriggers(ctx context.Context, r *request) (any, error) {
	body, err := r.objectOr(triggerCodes)
	if err != nil {
		return nil, err
	}
	urns, err := batch(body)
	if err != nil {
		return nil, err
	}
	defer func() { r.About = "" }()
	var left []string
	for _, text := range urns {
		r.About = text
		_, err := a.audited(ctx, r, "trigger.delete", func(ctx context.Context, r *request) (any, error) {
			return ok, a.removeTrigger(ctx, r.project, text)
		})
		var why *refusal
		switch {
		case errors.As(err, &why):
			left = append(left, text+" ("+why.code+")")
		case err != nil:
			return nil, err
		}
	}
	if left != nil {
		return nil, refuse(codeBatchLeft, "%d of %d are left: %s", len(left), len(urns), strings.Join(left, ", "))
	}
	return ok, nil
}

// batch reads the body of a batch: the URNs that are to be deleted.
func batch(body object) ([]string, error) {
	action, err := body.text("action_type", codeBatchAction)
	if err != nil {
		return nil, err
	}
	if action != "delete" {
		return nil, refuse(codeBatchAction, "action_type must be delete, not %q", action)
	}
	list := body.value.Member("urn_list")
	switch {
	case list == nil, list.Kind() == payload.Null, list.Kind() == payload.Array && len(list.Items()) == 0:
		return nil, refuse(codeBatchEmpty, "urn_list must have 1 to %d trigger URNs", batchMax)
	case list.Kind() != payload.Array:
		return nil, refuse(codeParameter, "urn_list must be an array, not %s", kindName(list))
	case len(list.Items()) > batchMax:
		return nil, refuse(codeBatchCount, "urn_list has %d URNs, at most %d are allowed", len(list.Items()), batchMax)
	}
	var urns []string
	for i, item := range list.Items() {
		switch {
		case item.Kind() != payload.String:
			return nil, refuse(codeParameter, "urn_list[%d] must be a string, not %s", i, kindName(item))
		case slices.Contains(urns, item.Str()):
			return nil, refuse(codeBatchTwice, "urn_list[%d] is %s, which stands in the list already", i, item.Str())
		}
		urns = append(urns, item.Str())
	}
	return urns, nil
}
