package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// followEvery is how many starts there are to one whose execution is followed
// to its end through the API. Following costs a call, so it must be rare enough
// not to show in the rate.
const followEvery = 32

// starter is a client that starts executions of one graph.
//
// An execution of a graph without calls has ended when its start is answered or
// soon after; of one with calls the client waits until the last call has
// arrived. The commit that ends the execution is then still to come, so some
// executions are followed to the end, the client's very last one among them,
// and after the load all are looked up (verify).
type starter struct {
	server  *server
	graph   graph
	index   int
	request *http.Request
	body    []byte
	answer  bytes.Buffer
	latest  string // URN of the execution started last
}

func newStarter(s *server, g graph, index int) (*starter, error) {
	request, err := newRequest(http.MethodPost, s.url+"/v1.0/"+project+"/cloud_graphs/"+graphURN(g)+"/executions/action")
	return &starter{server: s, graph: g, index: index, request: request}, err
}

func graphURN(g graph) string { return graphURNIn(project, g) }

func graphURNIn(project string, g graph) string {
	return "urn:fgs:local:" + project + ":graph:" + g.Name
}

func (c *starter) call(ctx context.Context, number int64) (sample, error) {
	c.body = appendStart(c.body[:0], c.index, number)
	began := time.Now()
	if err := c.server.wire.send(ctx, c.request, c.body, &c.answer); err != nil {
		return sample{}, err
	}
	s := sample{answer: time.Since(began)}
	var started struct {
		URN string `json:"execution_urn"`
	}
	if err := json.Unmarshal(c.answer.Bytes(), &started); err != nil {
		return sample{}, fmt.Errorf("read the answer of a start: %w", err)
	}
	c.latest = started.URN
	if c.graph.calls > 0 {
		if err := c.awaitLastCall(ctx, number); err != nil {
			return sample{}, err
		}
	}
	if c.graph.records > 0 && number%followEvery == 0 {
		if err := c.awaitEnd(ctx); err != nil {
			return sample{}, err
		}
		s.end = time.Since(began)
	}
	return s, nil
}

// appendStart writes the body of a start.
func appendStart(b []byte, client int, number int64) []byte {
	b = append(b, `{"action_type":"start","executions":{"execution_name":"`...)
	b = append(b, executionName(number)...)
	b = append(b, `","input":"{\"client\":`...)
	b = strconv.AppendInt(b, int64(client), 10)
	b = append(b, `,\"number\":`...)
	b = strconv.AppendInt(b, number, 10)
	return append(b, `}"}}`...)
}

func (c *starter) awaitLastCall(ctx context.Context, number int64) error {
	for {
		select {
		case arrived := <-c.server.functions.arrived[c.index]:
			if arrived == number {
				return nil
			}
		case <-ctx.Done():
			return fmt.Errorf("wait for the last call of %s: %w", c.latest, context.Cause(ctx))
		}
	}
}

func (c *starter) settle(ctx context.Context) error {
	if c.graph.records == 0 {
		return nil
	}
	return c.awaitEnd(ctx)
}

// awaitEnd asks for the last record of the latest execution's history, and
// lets the server hold the answer until there is one.
func (c *starter) awaitEnd(ctx context.Context) error {
	request, err := newRequest(http.MethodGet, fmt.Sprintf("%s/v1.0/%s/cloud_graphs/executions/%s/history?order=asc&limit=1&marker=%d",
		c.server.url, project, c.latest, c.graph.records-1))
	if err != nil {
		return err
	}
	request.Header.Set("X-Heddle-Wait-Seconds", "20")
	for ctx.Err() == nil {
		if err := c.server.wire.send(ctx, request, nil, &c.answer); err != nil {
			return err
		}
		var history struct {
			Records []struct {
				Type, Status string
			} `json:"state_history"`
		}
		if err := json.Unmarshal(c.answer.Bytes(), &history); err != nil {
			return fmt.Errorf("read the history of %s: %w", c.latest, err)
		}
		if len(history.Records) == 0 {
			continue // records are still to come
		}
		if r := history.Records[0]; r.Type != "Execution End" || r.Status != "SUCCESS" {
			return fmt.Errorf("the execution %s ends with %q %s", c.latest, r.Type, r.Status)
		}
		return nil
	}
	return errors.New("the executions did not end in time")
}
