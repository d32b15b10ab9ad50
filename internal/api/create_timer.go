package api

import (
	"context"
	"errors"
	"time"

	"heddle/internal/journal"
	"heddle/internal/schedule"
	"heddle/internal/store"
	"heddle/internal/urn"
)

type createTimerAnswer struct {
	URN       string `json:"cron_trigger_urn"`
	CreatedAt string `json:"created_at"`
}

func (a *API) createTimer(ctx context.Context, r *request) (any, error) {
	body, err := r.object()
	if err != nil {
		return nil, err
	}
	text, err := body.text("graph_urn", codeParameter)
	if err != nil {
		return nil, err
	}
	graph, err := urn.ParseGraph(text)
	if err != nil {
		return nil, refuse(codeURN, "graph_urn is malformed: %v", err)
	}
	if err := a.checkOwner("graph_urn", graph.Region, graph.Project, r); err != nil {
		return nil, err
	}
	at := journal.Millis(time.Now().UnixMilli())
	t := store.Timer{Zone: a.cfg.TimeZone, Misfire: string(schedule.Once), CreatedAt: at, ModifiedAt: at}
	if t.Name, err = body.text("cron_trigger_name", codeTimerName); err != nil {
		return nil, err
	}
	if err := checkTimerName(t.Name); err != nil {
		return nil, err
	}
	if err := timerSettings(r, body, &t); err != nil {
		return nil, err
	}
	g, err := a.graph(ctx, graph)
	if err != nil {
		return nil, err
	}
	t.Graph = g.ID
	switch _, err := a.store.CreateTimer(ctx, t, timersMax); {
	case errors.Is(err, store.ErrExists):
		return nil, refuse(codeTimerExists, "graph %q has a timer %q; choose another name or update that timer", g.Name, t.Name)
	case errors.Is(err, store.ErrTooMany):
		return nil, refuse(codeTimersMax, "graph %q has %d timers, which is all it may have", g.Name, timersMax)
	case err != nil:
		return nil, orUnknownGraph(err, graph)
	}
	u := urn.Timer{Region: graph.Region, Project: graph.Project, Graph: graph.Name, Name: t.Name}
	r.About = u.String()
	return createTimerAnswer{r.About, timeText(at)}, nil
}
