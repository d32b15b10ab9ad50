package api

import (
	"context"
	"math"

	"heddle/internal/store"
	"heddle/internal/trigger"
)

type listTriggersAnswer struct {
	Count    int64         `json:"count"`
	Triggers []triggerItem `json:"triggers"`
}

// listTriggers returns a page of the triggers, or all of them if the request has
// no parameter.
func (a *API) listTriggers(ctx context.Context, r *request) (any, error) {
	q, err := r.query()
	if err != nil {
		return nil, err
	}
	part := store.Page{Limit: math.MaxInt32}
	if q.any("name", "trigger_urn", "event_source", "start", "limit") {
		start, err := q.number("start", 1, codeTriggersStart)
		if err != nil {
			return nil, err
		}
		if part.Limit, err = q.number("limit", limitDefault, codeTriggersLimit); err != nil {
			return nil, err
		}
		part.Offset = start - 1
	}
	filter := store.TriggerFilter{Project: r.project, Name: q.text("name"), URN: q.text("trigger_urn"), Source: q.text("event_source")}
	if filter.Source != "" {
		if err := trigger.CheckSource(filter.Source); err != nil {
			return nil, refuse(codeTriggerSourceUnknown, "event_source is %q; it must be OBS, SMN or Worker", filter.Source)
		}
	}
	if !consistsOf(filter.Name, lettersDigits+"-") || !consistsOf(filter.URN, nameSigns+":.") {
		return listTriggersAnswer{}, nil // no trigger has such a sign
	}
	triggers, count, err := a.store.ListTriggers(ctx, filter, part)
	if err != nil {
		return nil, err
	}
	answer := listTriggersAnswer{Count: count}
	for _, t := range triggers {
		answer.Triggers = append(answer.Triggers, itemOf(t))
	}
	return answer, nil
}
