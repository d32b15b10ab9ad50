package api

import (
	"context"
	"errors"

	"heddle/internal/engine"
)

type stopAnswer struct {
	StoppedAt string `json:"stopped_at"`
}

func (a *API) stop(ctx context.Context, r *request, act action) (any, error) {
	if err := act.executions.only("execution_urn"); err != nil {
		return nil, err
	}
	text, err := act.executions.text("execution_urn", codeParameter)
	if err != nil {
		return nil, err
	}
	u, err := a.parseExecution("execution_urn", text, r)
	if err != nil {
		return nil, err
	}
	r.About = text
	if u.Graph != act.graph.Name {
		return nil, refuse(codeURN, "execution_urn is of graph %q, but the path names %q", u.Graph, act.graph.Name)
	}
	if _, err := a.graph(ctx, act.graph); err != nil {
		return nil, err
	}
	_, head, err := a.execution(ctx, u)
	if err != nil {
		return nil, err
	}
	at, err := a.engine.Stop(ctx, head.Key)
	if errors.Is(err, engine.ErrEnded) {
		return nil, refuse(codeEnded, "it cannot be stopped any more")
	}
	if err != nil {
		return nil, orUnknownExecution(err, u)
	}
	return stopAnswer{timeText(at)}, nil
}
