package api

import (
	"context"
	"unicode/utf8"

	"heddle/internal/engine"
	"heddle/internal/payload"
)

type startAnswer struct {
	ExecutionURN string `json:"execution_urn"`
	StartedAt    string `json:"started_at"`
}

func (a *API) start(ctx context.Context, r *request, act action) (any, error) {
	if err := act.executions.only("execution_name", "input"); err != nil {
		return nil, err
	}
	name, err := act.executions.text("execution_name", codeExecutionName)
	if err != nil {
		return nil, err
	}
	if err := checkExecutionName(name); err != nil {
		return nil, err
	}
	input, err := act.executions.text("input", codeParameter)
	if err != nil {
		return nil, err
	}
	if err := checkInput(input); err != nil {
		return nil, err
	}
	key, err := r.idempotencyKey()
	if err != nil {
		return nil, err
	}
	r.keyed = key != ""
	started, err := a.engine.Start(ctx, engine.StartRequest{
		Project:        act.graph.Project,
		Graph:          act.graph.Name,
		Name:           name,
		Input:          input,
		Test:           act.kind == "test_start",
		IdempotencyKey: key,
	})
	if err != nil {
		return nil, orUnknownGraph(err, act.graph)
	}
	r.About = started.URN.String()
	r.Note("execution", r.About)
	return startAnswer{r.About, timeText(started.At)}, nil
}

func checkInput(input string) error {
	if n := utf8.RuneCountInString(input); n > inputMax {
		return refuse(codeParameter, "input has %d characters, at most %d are allowed", n, inputMax)
	}
	if err := payload.Valid(input, depthMax); err != nil {
		return refuse(codeInput, "input must be a string that holds JSON: %s", faultText(err))
	}
	return nil
}
