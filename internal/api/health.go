package api

import "context"

type statusAnswer struct {
	Status string `json:"status"`
}

// healthy answers as long as the process does.
func healthy(context.Context, *request) (any, error) {
	return statusAnswer{"ok"}, nil
}

// ready says whether new executions can be taken.
func (a *API) ready(context.Context, *request) (any, error) {
	if err := a.engine.Ready(); err != nil {
		return nil, refuseForNow(codeUnavailable, "%v", err)
	}
	return statusAnswer{"ready"}, nil
}
