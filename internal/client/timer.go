package client

import (
	"context"
	"net/http"
)

// SimpleTrigger is a fixed rate: each interval of a unit, which is minute, hour or
// day.
type SimpleTrigger struct {
	Unit     string `json:"unit"`
	Interval int    `json:"interval"`
}

// TimerSettings say when a timer fires: by an expression or at a rate. What is
// empty is not sent.
type TimerSettings struct {
	Description *string        `json:"description,omitempty"`
	Expression  string         `json:"expression,omitempty"`
	Rate        *SimpleTrigger `json:"simple_trigger,omitempty"`
	Zone        string         `json:"time_zone,omitempty"` // of the expression
	Misfire     string         `json:"-"`                   // skip, once or all; sent as a header
}

// NewTimer is a timer to be created.
type NewTimer struct {
	GraphURN string `json:"graph_urn"`
	Name     string `json:"cron_trigger_name"`
	TimerSettings
}

// CreatedTimer tells the URN of a new timer.
type CreatedTimer struct {
	URN       string `json:"cron_trigger_urn"`
	CreatedAt string `json:"created_at"`
}

// UpdatedTimer tells when a timer was changed.
type UpdatedTimer struct {
	URN          string `json:"cron_trigger_urn"`
	LastModified string `json:"last_modified"`
}

// Timer is a timer as it is stored.
type Timer struct {
	URN         string         `json:"cron_trigger_urn"`
	Rate        *SimpleTrigger `json:"simple_trigger,omitempty"`
	Expression  string         `json:"cron_expression,omitempty"`
	CreatedAt   string         `json:"created_at"`
	Status      string         `json:"cron_status"` // RUNNING while it is started, else NOTRUNNING
	Description string         `json:"description"`
	Zone        string         `json:"time_zone,omitempty"`
	Misfire     string         `json:"misfire,omitempty"`
	NextAt      string         `json:"next_fire_at,omitempty"`
	LastAt      string         `json:"last_fire_at,omitempty"`
}

// TimerList are the timers of a graph, the oldest first.
type TimerList struct {
	Count  int     `json:"count"`
	Timers []Timer `json:"cron_triggers"`
}

// CreateTimer stores a new timer, which is stopped.
func (c *Client) CreateTimer(ctx context.Context, t NewTimer) (CreatedTimer, error) {
	var created CreatedTimer
	err := c.do(ctx, call{method: http.MethodPost, path: []string{"cloud_cron"}, header: t.header(), body: t, answer: &created})
	return created, err
}

// UpdateTimer gives the timer of that URN another schedule, while it is stopped.
func (c *Client) UpdateTimer(ctx context.Context, timer string, s TimerSettings) (UpdatedTimer, error) {
	var updated UpdatedTimer
	err := c.do(ctx, call{method: http.MethodPut, path: []string{"cloud_cron", timer}, header: s.header(), body: s, answer: &updated})
	return updated, err
}

func (s TimerSettings) header() map[string]string {
	if s.Misfire == "" {
		return nil
	}
	return map[string]string{"X-Heddle-Misfire": s.Misfire}
}

// Timers lists the timers of the graph of that URN.
func (c *Client) Timers(ctx context.Context, graph string) (TimerList, error) {
	list := TimerList{Timers: []Timer{}}
	err := c.get(ctx, &list, nil, "cloud_cron", graph)
	return list, err
}

// StartTimer starts the timer of that URN, and returns when.
func (c *Client) StartTimer(ctx context.Context, timer string) (string, error) {
	var answer struct {
		At string `json:"started_at"`
	}
	err := c.actOnTimer(ctx, timer, "start", &answer)
	return answer.At, err
}

// StopTimer stops the timer of that URN, and returns when.
func (c *Client) StopTimer(ctx context.Context, timer string) (string, error) {
	var answer struct {
		At string `json:"stopped_at"`
	}
	err := c.actOnTimer(ctx, timer, "stop", &answer)
	return answer.At, err
}

func (c *Client) actOnTimer(ctx context.Context, timer, action string, answer any) error {
	body := struct {
		Type string `json:"action_type"`
	}{action}
	return c.do(ctx, call{method: http.MethodPut, path: []string{"cloud_cron", timer, "action"}, body: body, answer: answer})
}

// DeleteTimer deletes the timer of that URN.
func (c *Client) DeleteTimer(ctx context.Context, timer string) error {
	return c.do(ctx, call{method: http.MethodDelete, path: []string{"cloud_cron", timer}})
}
