package client

import (
	"context"
	"net/http"
	"time"
)

// Work is a piece of work that a worker has taken.
type Work struct {
	Token string `json:"task_token"` // the URN of the execution whose it is
	Item  string `json:"work_item"`  // JSON text
}

// The types of a worker's messages about its work.
const (
	MessageHeartBeat = "heartbeat"
	MessageSuccess   = "worksuccess" // with a result: JSON text
	MessageFailure   = "workfailure" // with an error: any text
)

// workWait is how long the server holds a request for work.
const workWait = 20 * time.Second

// RequestWork takes the oldest work that is on offer for the trigger of that URN.
// It waits a while for some, and returns nil if there is none.
func (c *Client) RequestWork(ctx context.Context, trigger string) (*Work, error) {
	var w Work
	k := message("workrequest", map[string]string{"trigger_urn": trigger})
	k.answer, k.wait = &w, workWait
	if err := c.do(ctx, k); err != nil || w.Token == "" {
		return nil, err
	}
	return &w, nil
}

// Report sends a message about a piece of work, with its result or error, to the
// trigger of that URN.
func (c *Client) Report(ctx context.Context, kind, trigger, token, text string) error {
	body := map[string]string{"trigger_urn": trigger, "task_token": token}
	switch kind {
	case MessageSuccess:
		body["result"] = text
	case MessageFailure:
		body["error"] = text
	}
	return c.do(ctx, message(kind, body))
}

func message(kind string, body map[string]string) call {
	return call{
		method: http.MethodPost, path: []string{"worker_messages"},
		header: map[string]string{"X-FGS-EVENT-TYPE": kind}, body: body,
	}
}

// TestEvent sends an event to an execution as if a trigger had fired, and returns
// what the state has made of it if wait is set.
func (c *Client) TestEvent(ctx context.Context, graph, execution, trigger, input string, wait bool) (string, error) {
	mode := "async"
	if wait {
		mode = "sync"
	}
	var answer struct {
		Response string `json:"response"`
	}
	err := c.do(ctx, call{
		method: http.MethodPost, path: []string{"cloud_graphs", graph, "executions", execution, "event_test"},
		body:   map[string]string{"trigger_urn": trigger, "input": input, "invocation_mode": mode},
		answer: &answer,
	})
	return answer.Response, err
}
