package api

import (
	"context"
	"slices"

	"heddle/internal/payload"
	"heddle/internal/urn"
)

// action is the request of a call that starts or stops an execution.
type action struct {
	graph      urn.Graph
	kind       string // action_type
	executions object
}

var actions = []string{"start", "test_start", "stop"}

// act is start, test_start and stop, which share a URL; action_type tells
// them apart.
func (a *API) act(ctx context.Context, r *request) (any, error) {
	graph, err := a.graphURN(r)
	if err != nil {
		return nil, err
	}
	body, err := r.object()
	if err != nil {
		return nil, err
	}
	kind, err := body.text("action_type", codeActionType)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(actions, kind) {
		return nil, refuse(codeActionType, "action_type must be start, test_start or stop, not %q", kind)
	}
	if err := body.only("action_type", "executions"); err != nil {
		return nil, err
	}
	executions, err := body.field("executions", payload.Object, codeParameter)
	if err != nil {
		return nil, err
	}
	asked := action{graph, kind, object{"executions", executions}}
	if kind == "stop" {
		return a.audited(ctx, r, "execution.stop", func(ctx context.Context, r *request) (any, error) { return a.stop(ctx, r, asked) })
	}
	return a.executed(ctx, r, "execution."+kind, func(ctx context.Context, r *request) (any, error) { return a.start(ctx, r, asked) })
}
