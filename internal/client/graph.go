package client

import (
	"context"
	"encoding/json"
	"net/http"
)

// NewGraph is a graph to be created.
type NewGraph struct {
	Name        string `json:"graph_name"`
	Definition  string `json:"definition"` // JSON text
	Description string `json:"description,omitempty"`
}

// CreatedGraph tells the URN of a new graph.
type CreatedGraph struct {
	URN       string `json:"graph_urn"`
	CreatedAt string `json:"created_at"`
}

// UpdatedGraph tells when a graph got its new definition.
type UpdatedGraph struct {
	URN          string `json:"graph_urn"`
	LastModified string `json:"last_modified"`
}

// GraphItem is a graph in a list.
type GraphItem struct {
	Name      string `json:"name"`
	CreatedAt string `json:"created_at"`
	URN       string `json:"graph_urn"`
}

// GraphList is a list of graphs.
type GraphList struct {
	Count  int         `json:"count"` // graphs that match, listed or not
	Graphs []GraphItem `json:"graphs"`
}

// Graph is a graph with its definition, as it was stored.
type Graph struct {
	Name        string          `json:"name"`
	CreatedAt   string          `json:"created_at"`
	Definition  json.RawMessage `json:"definition"`
	URN         string          `json:"graph_urn"`
	Description string          `json:"description,omitempty"`
}

// ExecutedGraph is the graph of an execution with the definition that the
// execution started with.
type ExecutedGraph struct {
	Name         string          `json:"name"`
	LastModified string          `json:"last_modified"`
	Definition   json.RawMessage `json:"definition"`
	URN          string          `json:"graph_urn"`
}

// CreateGraph stores a new graph.
func (c *Client) CreateGraph(ctx context.Context, g NewGraph) (CreatedGraph, error) {
	var created CreatedGraph
	err := c.do(ctx, call{method: http.MethodPost, path: []string{"cloud_graphs"}, body: g, answer: &created})
	return created, err
}

// UpdateGraph gives the graph of that URN another definition, a JSON text.
func (c *Client) UpdateGraph(ctx context.Context, graph, definition string) (UpdatedGraph, error) {
	body := struct {
		Info string `json:"info"`
		Type string `json:"info_type"`
	}{Info: definition, Type: "definition"}
	var updated UpdatedGraph
	err := c.do(ctx, call{method: http.MethodPut, path: []string{"cloud_graphs", graph}, body: body, answer: &updated})
	return updated, err
}

// Graph returns the graph of that URN.
func (c *Client) Graph(ctx context.Context, graph string) (Graph, error) {
	var g Graph
	err := c.get(ctx, &g, nil, "cloud_graphs", graph)
	return g, err
}

// Graphs lists graphs, newest first.
func (c *Client) Graphs(ctx context.Context, q ListQuery) (GraphList, error) {
	count, graphs, err := collect(q.Limit, func(marker string, limit int) (page[GraphItem], error) {
		var answer struct {
			GraphList
			Next string `json:"next_marker"`
		}
		err := c.get(ctx, &answer, listQuery(q.Prefix, marker, limit), "cloud_graphs")
		return page[GraphItem]{count: answer.Count, items: answer.Graphs, next: answer.Next}, err
	})
	return GraphList{Count: count, Graphs: graphs}, err
}

// DeleteGraph deletes the graph of that URN, and its executions with it.
func (c *Client) DeleteGraph(ctx context.Context, graph string) error {
	return c.do(ctx, call{method: http.MethodDelete, path: []string{"cloud_graphs", graph}})
}

// GraphOf returns the graph that the execution of that URN runs.
func (c *Client) GraphOf(ctx context.Context, execution string) (ExecutedGraph, error) {
	var g ExecutedGraph
	err := c.get(ctx, &g, nil, "cloud_graphs", "graph_detail", execution)
	return g, err
}
