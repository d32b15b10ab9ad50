package api

import (
	"context"

	"heddle/internal/store"
	"heddle/internal/urn"
)

type listTimersAnswer struct {
	Count  int         `json:"count"`
	Timers []timerItem `json:"cron_triggers"`
}

// timerItem is a timer as it is shown. The last four fields are ours.
type timerItem struct {
	URN         string         `json:"cron_trigger_urn"`
	Rate        *simpleTrigger `json:"simple_trigger,omitempty"`
	Expression  string         `json:"cron_expression,omitempty"`
	CreatedAt   string         `json:"created_at"`
	Status      string         `json:"cron_status"`
	Description string         `json:"description"`

	Zone     string `json:"time_zone,omitempty"`
	Misfire  string `json:"misfire"`
	NextAt   string `json:"next_fire_at,omitempty"`
	LastFire string `json:"last_fire_at,omitempty"`
}

// The statuses of timers.
const (
	timerStopped = "NOTRUNNING"
	timerStarted = "RUNNING"
)

func (a *API) listTimers(ctx context.Context, r *request) (any, error) {
	u, err := a.graphURN(r)
	if err != nil {
		return nil, err
	}
	g, err := a.graph(ctx, u)
	if err != nil {
		return nil, err
	}
	timers, err := a.store.TimersOf(ctx, g.ID)
	if err != nil {
		return nil, orUnknownGraph(err, u)
	}
	answer := listTimersAnswer{Count: len(timers)}
	for _, t := range timers {
		answer.Timers = append(answer.Timers, a.timerItem(t))
	}
	return answer, nil
}

func (a *API) timerItem(t store.Timer) timerItem {
	u := urn.Timer{Region: a.cfg.Region, Project: t.Project, Graph: t.GraphName, Name: t.Name}
	item := timerItem{
		URN: u.String(), CreatedAt: timeText(t.CreatedAt), Status: timerStopped, Description: t.Description,
		Misfire: t.Misfire, NextAt: optionalTime(t.Next), LastFire: optionalTime(t.Fired),
	}
	if t.Next != 0 {
		item.Status = timerStarted
	}
	if t.Expression == "" {
		item.Rate = &simpleTrigger{t.Unit, t.Interval}
	} else {
		item.Expression, item.Zone = t.Expression, t.Zone
	}
	return item
}
