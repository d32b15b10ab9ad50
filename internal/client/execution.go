package client

import (
	"context"
	"net/http"
)

// The statuses of an execution; all but StatusRunning are ends. A state also
// knows StatusNotRunning.
const (
	StatusNotRunning = "NOTRUNNING"
	StatusRunning    = "RUNNING"
	StatusSuccess    = "SUCCESS"
	StatusFailed     = "FAILED"
	StatusAborted    = "ABORTED"
	StatusTimeout    = "TIMEOUT"
)

// StartRequest asks for one run of a graph.
type StartRequest struct {
	Name           string // of the execution; names may repeat
	Input          string // JSON text
	Test           bool   // mark the execution as a test
	IdempotencyKey string // makes the call repeatable: one key, one execution
}

// Started tells the URN of a new execution.
type Started struct {
	URN       string `json:"execution_urn"`
	StartedAt string `json:"started_at"`
}

// Stopped tells when an execution was stopped.
type Stopped struct {
	StoppedAt string `json:"stopped_at"`
}

// ExecutionItem is an execution in a list.
type ExecutionItem struct {
	GraphURN  string `json:"graph_urn"`
	URN       string `json:"execution_urn"`
	Name      string `json:"execution_name"`
	StartedAt string `json:"started_at"`
	StoppedAt string `json:"stopped_at,omitempty"`
	Status    string `json:"execution_status"`
}

// ExecutionList is a list of executions.
type ExecutionList struct {
	Count      int             `json:"count"` // executions that match, listed or not
	Executions []ExecutionItem `json:"executions"`
}

// Execution is one run of a graph, as far as it has come.
type Execution struct {
	GraphURN   string  `json:"graph_urn"`
	URN        string  `json:"execution_urn"`
	Name       string  `json:"execution_name"`
	Status     string  `json:"execution_state"`
	StartState string  `json:"start_state"`
	Test       bool    `json:"isTest"`
	StartedAt  string  `json:"started_at"`
	StoppedAt  string  `json:"stopped_at,omitempty"`
	Input      string  `json:"input"`
	Output     *string `json:"output,omitempty"` // nil until the execution has ended
	States     States  `json:"state_map"`
}

// executionsBody is the body of the three calls that share one path.
type executionsBody struct {
	ActionType string `json:"action_type"`
	Executions any    `json:"executions"`
}

// Start starts an execution of the graph of that URN. It returns once the
// execution is recorded and does not wait for its end.
func (c *Client) Start(ctx context.Context, graph string, r StartRequest) (Started, error) {
	body := executionsBody{ActionType: "start", Executions: struct {
		Name  string `json:"execution_name"`
		Input string `json:"input"`
	}{r.Name, r.Input}}
	if r.Test {
		body.ActionType = "test_start"
	}
	k := call{method: http.MethodPost, path: actionPath(graph), body: body}
	if r.IdempotencyKey != "" {
		k.header = map[string]string{"Idempotency-Key": r.IdempotencyKey}
		k.repeatable = true
	}
	var started Started
	k.answer = &started
	err := c.do(ctx, k)
	return started, err
}

// Stop stops a running execution of the graph; both are named by their URNs.
func (c *Client) Stop(ctx context.Context, graph, execution string) (Stopped, error) {
	body := executionsBody{ActionType: "stop", Executions: struct {
		URN string `json:"execution_urn"`
	}{execution}}
	var stopped Stopped
	err := c.do(ctx, call{method: http.MethodPost, path: actionPath(graph), body: body, answer: &stopped})
	return stopped, err
}

func actionPath(graph string) []string {
	return []string{"cloud_graphs", graph, "executions", "action"}
}

// Executions lists executions of the graph of that URN, newest first.
func (c *Client) Executions(ctx context.Context, graph string, q ListQuery) (ExecutionList, error) {
	count, executions, err := collect(q.Limit, func(marker string, limit int) (page[ExecutionItem], error) {
		var answer struct {
			ExecutionList
			Next string `json:"next_marker"`
		}
		err := c.get(ctx, &answer, listQuery(q.Prefix, marker, limit), "cloud_graphs", graph, "executions")
		return page[ExecutionItem]{count: answer.Count, items: answer.Executions, next: answer.Next}, err
	})
	return ExecutionList{Count: count, Executions: executions}, err
}

// Execution returns the execution of that URN.
func (c *Client) Execution(ctx context.Context, execution string) (Execution, error) {
	var answer struct {
		Info Execution `json:"execution_info"`
	}
	err := c.get(ctx, &answer, nil, "cloud_graphs", "executions", execution)
	return answer.Info, err
}
