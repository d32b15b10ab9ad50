package functionapi

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"heddle/internal/exchange"
	"heddle/internal/store"
)

type invokeAsyncAnswer struct {
	RequestID string `json:"request_id"`
}

func (a *API) invokeAsync(ctx context.Context, r *request) (any, error) {
	f, t, err := a.function(ctx, r)
	if err != nil {
		return nil, err
	}
	event, err := r.event()
	if err != nil {
		return nil, err
	}
	if f.InstancesMax == 0 {
		return nil, refuse(codeTooMany, "the function is disabled: its greatest number of instances is 0")
	}
	id, err := a.queue.Add(ctx, f, t.qualifier, event)
	if err != nil {
		return nil, err
	}
	text := uuid.UUID(id).String()
	r.Note("invocation", text)
	return exchange.Reply{
		Status: http.StatusAccepted, Header: http.Header{"X-Cff-Request-Id": {text}}, JSON: invokeAsyncAnswer{text},
	}, nil
}

type invocationShape struct {
	RequestID    string `json:"request_id"`
	Status       string `json:"status"`
	ErrorMessage string `json:"error_message,omitempty"`
	ErrorCode    int    `json:"error_code,omitzero"`
	StartTime    string `json:"start_time"`
	EndTime      string `json:"end_time,omitempty"`
}

type listInvocationsAnswer struct {
	Invocations []invocationShape `json:"invocations"`
	Count       int64             `json:"count"`
	NextMarker  int64             `json:"next_marker"`
}

// The pages of lists of invocations.
const (
	invocationsUsual = 100
	invocationsMost  = 500
	// invocationsWindow is how far a list looks back if the call does not say.
	invocationsWindow = time.Hour
)

// invocationStatuses are all statuses, and activeStatuses those of invocations
// that are not over.
var (
	invocationStatuses = []string{"WAIT", "RUNNING", "SUCCESS", "FAIL", "DISCARD"}
	activeStatuses     = invocationStatuses[:2]
)

func (a *API) listInvocations(ctx context.Context, r *request) (any, error) {
	return a.invocationList(ctx, r, "request_id", invocationStatuses)
}

func (a *API) listActiveInvocations(ctx context.Context, r *request) (any, error) {
	return a.invocationList(ctx, r, "requests", activeStatuses)
}

// invocationList lists invocations that have one of the statuses. The two lists
// name the id that they look for differently.
func (a *API) invocationList(ctx context.Context, r *request, idName string, statuses []string) (any, error) {
	f, _, err := a.function(ctx, r)
	if err != nil {
		return nil, err
	}
	q, err := r.query()
	if err != nil {
		return nil, err
	}
	page, err := q.page("limit", invocationsUsual, invocationsMost)
	if err != nil {
		return nil, err
	}
	filter, err := q.invocationFilter(idName, statuses)
	if err != nil {
		return nil, err
	}
	filter.Function = f.ID
	all, count, err := a.store.ListInvocations(ctx, filter, page)
	if err != nil {
		return nil, err
	}
	answer := listInvocationsAnswer{Invocations: []invocationShape{}, Count: count, NextMarker: nextMarker(page, len(all), count)}
	for _, inv := range all {
		shape := invocationShape{
			RequestID: uuid.UUID(inv.ID).String(), Status: string(inv.Status),
			ErrorMessage: inv.Error, ErrorCode: inv.ErrorCode, StartTime: timeText(inv.CreatedAt),
		}
		if inv.EndedAt != 0 {
			shape.EndTime = timeText(inv.EndedAt)
		}
		answer.Invocations = append(answer.Invocations, shape)
	}
	return answer, nil
}

func (q query) invocationFilter(idName string, statuses []string) (store.InvocationFilter, error) {
	var filter store.InvocationFilter
	status, err := q.choice("status", statuses...)
	if err != nil {
		return filter, err
	}
	for _, s := range statuses {
		if status == "" || status == s {
			filter.Statuses = append(filter.Statuses, store.InvocationStatus(s))
		}
	}
	if filter.From, err = q.moment("query_begin_time"); err != nil {
		return filter, err
	}
	if filter.To, err = q.moment("query_end_time"); err != nil {
		return filter, err
	}
	text := q.text(idName)
	if text == "" {
		if filter.From == 0 {
			filter.From = now() - millis(invocationsWindow)
		}
		return filter, nil
	}
	id, err := uuid.Parse(text)
	if err != nil {
		return filter, refuse(codeQuery, "%s must be the id of an asynchronous invocation, not %q", idName, text)
	}
	filter.ID = (*store.InvocationID)(&id)
	return filter, nil
}
