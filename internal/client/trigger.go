package client

import (
	"context"
	"net/http"
	"net/url"
)

// NewTrigger is a trigger to be created.
type NewTrigger struct {
	Source      string `json:"event_source"`
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
	Definition  string `json:"trigger_def"` // JSON text
}

// CreatedTrigger tells the URN of a new trigger.
type CreatedTrigger struct {
	URN string `json:"trigger_urn"`
}

// Trigger is a trigger as it is stored.
type Trigger struct {
	Source      string `json:"event_source"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Definition  string `json:"trigger_def"` // JSON text
	ID          string `json:"id"`          // a UUID
	URN         string `json:"trigger_urn"`
	CreatedAt   string `json:"created_at"`
}

// TriggerList is a list of triggers, newest first.
type TriggerList struct {
	Count    int       `json:"count"`
	Triggers []Trigger `json:"triggers"`
}

// CreateTrigger stores a new trigger.
func (c *Client) CreateTrigger(ctx context.Context, t NewTrigger) (CreatedTrigger, error) {
	var created CreatedTrigger
	err := c.do(ctx, call{method: http.MethodPost, path: []string{"cloud_triggers"}, body: t, answer: &created})
	return created, err
}

// Triggers lists all triggers of the project.
func (c *Client) Triggers(ctx context.Context) (TriggerList, error) {
	list := TriggerList{Triggers: []Trigger{}}
	err := c.get(ctx, &list, nil, "cloud_triggers")
	return list, err
}

// Trigger returns the trigger of that URN or UUID.
func (c *Client) Trigger(ctx context.Context, identifier string) (Trigger, error) {
	var t Trigger
	err := c.get(ctx, &t, nil, "cloud_triggers", identifier)
	return t, err
}

// DescribeTrigger gives the trigger of that URN another description.
func (c *Client) DescribeTrigger(ctx context.Context, trigger, description string) error {
	body := struct {
		Description string `json:"description"`
	}{description}
	return c.do(ctx, call{method: http.MethodPut, path: []string{"cloud_triggers", trigger}, body: body})
}

// DeleteTrigger deletes the trigger of that URN.
func (c *Client) DeleteTrigger(ctx context.Context, trigger string) error {
	return c.do(ctx, call{method: http.MethodDelete, path: []string{"cloud_triggers", trigger}})
}

// NewMapping binds a trigger to a graph, both by their URNs.
type NewMapping struct {
	TriggerURN string `json:"trigger_urn"`
	GraphURN   string `json:"graph_urn"`
	Enabled    bool   `json:"enabled"`
}

// CreatedMapping tells the id of a new mapping.
type CreatedMapping struct {
	ID string `json:"response"`
}

// Mapping is a mapping as it is stored.
type Mapping struct {
	TriggerURN string `json:"trigger_urn"`
	GraphURN   string `json:"graph_urn"`
	Enabled    bool   `json:"enabled"`
	ID         string `json:"id"`
	CreatedAt  int64  `json:"created_at"` // seconds since 1970
}

// MappingList is a list of mappings, newest first.
type MappingList struct {
	Mappings []Mapping `json:"mappings"`
}

// CreateMapping stores a new mapping.
func (c *Client) CreateMapping(ctx context.Context, m NewMapping) (CreatedMapping, error) {
	var created CreatedMapping
	err := c.do(ctx, call{method: http.MethodPost, path: []string{"trigger_graph_mappings"}, body: m, answer: &created})
	return created, err
}

// Mappings lists the mappings of a graph, of a trigger, or of both, by their URNs;
// an empty one stands for all.
func (c *Client) Mappings(ctx context.Context, graph, trigger string) (MappingList, error) {
	query := url.Values{}
	if graph != "" {
		query.Set("graph_urn", graph)
	}
	if trigger != "" {
		query.Set("trigger_urn", trigger)
	}
	list := MappingList{Mappings: []Mapping{}}
	err := c.get(ctx, &list, query, "trigger_graph_mappings")
	return list, err
}

// EnableMapping says whether events of the mapping's trigger start executions.
func (c *Client) EnableMapping(ctx context.Context, id string, enabled bool) error {
	body := struct {
		Enabled bool `json:"enabled"`
	}{enabled}
	return c.do(ctx, call{method: http.MethodPut, path: []string{"trigger_graph_mappings", id}, body: body})
}

// DeleteMapping deletes the mapping of that id.
func (c *Client) DeleteMapping(ctx context.Context, id string) error {
	return c.do(ctx, call{method: http.MethodDelete, path: []string{"trigger_graph_mappings", id}})
}
