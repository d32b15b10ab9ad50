package client

import (
	"cmp"
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// The kinds of history records.
const (
	RecordExecutionStart = "Execution Start"
	RecordExecutionEnd   = "Execution End"
	RecordStateStart     = "State Start"
	RecordStateEnd       = "State End"
	RecordActionStart    = "Action Start"
	RecordActionDeferred = "Action Deferred" // the function reports its result later
	RecordActionEnd      = "Action End"
	RecordEventReceived  = "Event Received"
	RecordEventDropped   = "Event Dropped"
	RecordEventTaken     = "Event Taken"
	RecordEventAnswered  = "Event Answered"
)

// Record is an entry of an execution's history. Which fields it has depends on
// its type.
type Record struct {
	Type          string  `json:"type"`
	ExecutionName string  `json:"execution_name,omitempty"`
	StateName     string  `json:"state_name,omitempty"` // of actions too
	ActionName    string  `json:"action_name,omitempty"`
	Attempt       int     `json:"attempt,omitempty"` // of actions, from 1
	EventName     string  `json:"event_name,omitempty"`
	EventID       string  `json:"event_id,omitempty"`
	Status        string  `json:"status,omitempty"` // of ends
	Input         *string `json:"input,omitempty"`
	Output        *string `json:"output,omitempty"`
	StartedAt     string  `json:"started_at,omitempty"`
	StoppedAt     string  `json:"stopped_at,omitempty"`
}

// At returns when it happened, as the server wrote it.
func (r Record) At() string { return cmp.Or(r.StartedAt, r.StoppedAt) }

const (
	// followWait is how long the server is asked to hold a call until the next
	// record: the most that the API allows.
	followWait = 20 * time.Second
	// emptyPause follows an answer without records, so that a server which
	// does not hold the call is not asked in a tight loop.
	emptyPause = time.Second
)

// Records yields the history of the execution of that URN, oldest first, as
// far as it reaches.
func (c *Client) Records(ctx context.Context, execution string) iter.Seq2[Record, error] {
	return c.records(ctx, execution, 0)
}

// Follow yields the history of the execution of that URN, oldest first, and
// each further record as it is written, until the execution has ended.
func (c *Client) Follow(ctx context.Context, execution string) iter.Seq2[Record, error] {
	return c.records(ctx, execution, followWait)
}

// records yields what is recorded. With a wait it goes on to the end of the
// execution, without one to the end of what there is.
func (c *Client) records(ctx context.Context, execution string, wait time.Duration) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for seen := 0; ; {
			h, err := c.historyAfter(ctx, execution, seen, wait)
			if err == nil && len(h.Records) == 0 && wait > 0 {
				err = sleep(ctx, emptyPause)
			}
			if err != nil {
				yield(Record{}, err)
				return
			}
			for _, r := range h.Records {
				if !yield(r, nil) || r.Type == RecordExecutionEnd {
					return
				}
			}
			seen += len(h.Records)
			if wait == 0 && (seen >= h.Count || len(h.Records) == 0) {
				return
			}
		}
	}
}

// history is one answer of the history call.
type history struct {
	Count   int      `json:"count"` // of all records, on this page or not
	Records []Record `json:"state_history"`
}

// historyAfter returns the records after the first seen ones, up to a page of
// them. Records are numbered from 1 without gaps, so the number of records
// seen is the marker of the last.
func (c *Client) historyAfter(ctx context.Context, execution string, seen int, wait time.Duration) (history, error) {
	var answer history
	k := call{
		method:     http.MethodGet,
		path:       []string{"cloud_graphs", "executions", execution, "history"},
		query:      url.Values{"order": {"asc"}, "limit": {strconv.Itoa(pageMax)}},
		answer:     &answer,
		repeatable: true,
		wait:       wait,
	}
	if seen > 0 {
		k.query.Set("marker", strconv.Itoa(seen))
		if wait > 0 {
			k.header = map[string]string{"X-Heddle-Wait-Seconds": strconv.Itoa(int(wait / time.Second))}
		}
	}
	err := c.do(ctx, k)
	return answer, err
}
