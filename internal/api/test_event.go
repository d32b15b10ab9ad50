package api

import (
	"context"
	"errors"

	"heddle/internal/engine"
	"heddle/internal/urn"
)

type eventAnswer struct {
	Response string `json:"response"`
}

// testEvent sends an event to one execution as if a trigger had fired.
func (a *API) testEvent(ctx context.Context, r *request) (any, error) {
	graph, err := a.graphURN(r)
	if err != nil {
		return nil, err
	}
	u, err := a.executionURN(r)
	if err != nil {
		return nil, err
	}
	if u.Graph != graph.Name {
		return nil, refuse(codeURN, "the execution URN in the path is of graph %q, but the graph URN names %q", u.Graph, graph.Name)
	}
	event, wait, err := a.tested(r)
	if err != nil {
		return nil, err
	}
	if _, err := a.graph(ctx, graph); err != nil {
		return nil, err
	}
	_, head, err := a.execution(ctx, u)
	if err != nil {
		return nil, err
	}
	if !wait {
		if err := a.engine.Send(ctx, head.Key, event); err != nil {
			return nil, orNotTaken(err, u)
		}
		return eventAnswer{"OK"}, nil
	}
	response, err := a.engine.Ask(ctx, head.Key, event)
	if err != nil {
		return nil, orNotTaken(err, u)
	}
	return eventAnswer{response}, nil
}

// tested reads the event of a test, and whether its sender waits for what comes
// of it.
func (a *API) tested(r *request) (event engine.Event, wait bool, err error) {
	body, err := r.object()
	if err != nil {
		return event, false, err
	}
	if err := body.only("trigger_urn", "input", "invocation_mode"); err != nil {
		return event, false, err
	}
	text, err := body.text("trigger_urn", codeParameter)
	if err != nil {
		return event, false, err
	}
	t, err := urn.ParseTrigger(text)
	if err != nil {
		return event, false, refuse(codeURN, "trigger_urn is malformed: %v", err)
	}
	if err := a.checkOwner("trigger_urn", t.Region, t.Project, r); err != nil {
		return event, false, err
	}
	input, err := body.text("input", codeParameter)
	if err != nil {
		return event, false, err
	}
	if err := checkInput(input); err != nil {
		return event, false, err
	}
	mode, err := body.text("invocation_mode", codeParameter)
	if err != nil {
		return event, false, err
	}
	if mode != "sync" && mode != "async" {
		return event, false, refuse(codeParameter, "invocation_mode must be sync or async, not %q", mode)
	}
	return engine.Event{Trigger: text, Payload: input}, mode == "sync", nil
}

// orNotTaken says why an execution has not taken an event that was sent to it.
func orNotTaken(err error, u urn.Execution) error {
	switch {
	case errors.Is(err, engine.ErrEnded):
		return refuse(codeEnded, "it takes no more events")
	case errors.Is(err, engine.ErrEventUnknown):
		return refuse(codeTriggerUnused, "trigger_urn is in no event-defs of the definition that the execution runs")
	case errors.Is(err, engine.ErrEventTaken):
		return refuse(codeStateTriggered, "the state that waits for this event has taken one")
	case errors.Is(err, engine.ErrStateEnded):
		return refuse(codeStateEnded, "no state that waits for this event is ahead of the execution any more")
	case errors.Is(err, engine.ErrNotWaiting):
		return refuse(codeStateNotRunning, "the execution has not come to the state that waits for this event")
	case errors.Is(err, engine.ErrTimedOut):
		return refuse(codeStateTimedOut, "the state has waited for the event for too long")
	}
	return orEventFailed(orUnknownExecution(err, u))
}

// orEventFailed says what a state failed of that has taken an event, by the
// failure's own code.
func orEventFailed(err error) error {
	var failed *engine.EventError
	if errors.As(err, &failed) {
		return refuse(failed.Code, "%s: %s", failed.Name, failed.Message)
	}
	return err
}
