package api

import (
	"context"

	"heddle/internal/store"
)

type updateTimerAnswer struct {
	URN          string `json:"cron_trigger_urn"`
	LastModified string `json:"last_modified"`
}

func (a *API) updateTimer(ctx context.Context, r *request) (any, error) {
	u, err := a.timerURN(r)
	if err != nil {
		return nil, err
	}
	body, err := r.object()
	if err != nil {
		return nil, err
	}
	if err := timerSettings(r, body, new(store.Timer)); err != nil { // before it is looked for
		return nil, err
	}
	t, err := a.timers.Update(ctx, u, func(t *store.Timer) error { return timerSettings(r, body, t) })
	if err != nil {
		return nil, refuseTimer(err, u)
	}
	return updateTimerAnswer{u.String(), timeText(t.ModifiedAt)}, nil
}

type timerStartedAnswer struct {
	StartedAt string `json:"started_at"`
}

type timerStoppedAnswer struct {
	StoppedAt string `json:"stopped_at"`
}

// actOnTimer starts or stops a timer.
func (a *API) actOnTimer(ctx context.Context, r *request) (any, error) {
	u, err := a.timerURN(r)
	if err != nil {
		return nil, err
	}
	body, err := r.object()
	if err != nil {
		return nil, err
	}
	kind, err := body.text("action_type", codeParameter)
	if err != nil {
		return nil, err
	}
	r.Choose("action", kind)
	switch kind {
	case "start":
		t, err := a.timers.Start(ctx, u)
		if err != nil {
			return nil, refuseTimer(err, u)
		}
		return timerStartedAnswer{timeText(t.StartedAt)}, nil
	case "stop":
		at, err := a.timers.Stop(ctx, u)
		if err != nil {
			return nil, refuseTimer(err, u)
		}
		return timerStoppedAnswer{timeText(at)}, nil
	}
	return nil, refuse(codeParameter, "action_type must be start or stop, not %q", kind)
}

func (a *API) deleteTimer(ctx context.Context, r *request) (any, error) {
	u, err := a.timerURN(r)
	if err != nil {
		return nil, err
	}
	t, err := a.store.TimerByName(ctx, u.Project, u.Graph, u.Name)
	if err == nil {
		err = a.store.DeleteTimer(ctx, t.ID)
	}
	return nil, refuseTimer(err, u)
}
