package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"heddle/internal/client"
)

// timeline prints the history of an execution, a line for each record: when it
// was, counted from the start, what it was about, and how it went.
type timeline struct {
	out     io.Writer
	columns int
	style   style

	start   client.Record // of the execution
	payload string        // the last one shown
}

func (a *app) newTimeline() *timeline {
	return &timeline{out: a.out, columns: a.columns(), style: a.style()}
}

const (
	subjectWidth = 28
	statusWidth  = 7
	messageLead  = "               " // of a failure's message, which has a line of its own
)

// record prints one record.
func (t *timeline) record(r client.Record) {
	if r.Type == client.RecordExecutionStart {
		t.start = r
	}
	status := statusOf(r)
	line := fmt.Sprintf("%9s  %-*s  ", between(t.start.At(), r.At()), subjectWidth, cut(printable(t.subject(r)), subjectWidth))
	detail, message := failure(r)
	if detail == "" {
		detail = t.news(r)
	}
	detail = cut(detail, t.columns-len([]rune(line))-statusWidth-2)
	if detail == "" {
		fmt.Fprintln(t.out, line+t.style.status(status, status))
	} else {
		fmt.Fprintln(t.out, line+t.style.status(status, fmt.Sprintf("%-*s", statusWidth, status))+"  "+detail)
	}
	if message != "" {
		fmt.Fprintln(t.out, messageLead+cut(message, t.columns-len(messageLead)))
	}
}

// statusOf says in a word what a record says of its subject.
func statusOf(r client.Record) string {
	switch r.Type {
	case client.RecordActionDeferred:
		return "deferred"
	case client.RecordEventReceived:
		return "came"
	case client.RecordEventDropped:
		return "dropped"
	case client.RecordEventTaken:
		return "taken"
	}
	return cmp.Or(r.Status, "started")
}

// subject says what a record is about. States are indented below the
// execution, actions and events below their state.
func (t *timeline) subject(r client.Record) string {
	switch r.Type {
	case client.RecordStateStart, client.RecordStateEnd:
		return "  state " + r.StateName
	case client.RecordActionStart, client.RecordActionDeferred, client.RecordActionEnd:
		if r.Attempt > 1 {
			return fmt.Sprintf("    action %s, attempt %d", r.ActionName, r.Attempt)
		}
		return "    action " + r.ActionName
	case client.RecordEventReceived, client.RecordEventDropped, client.RecordEventTaken:
		return "    event " + r.EventName
	case client.RecordEventAnswered:
		return "    event's answer"
	default:
		return "execution " + t.start.ExecutionName
	}
}

// news returns the payload of a record if the lines before do not show it, or
// if it is the last word.
func (t *timeline) news(r client.Record) string {
	text := cmp.Or(r.Input, r.Output)
	if text == nil {
		return ""
	}
	payload := compact(*text)
	if payload == t.payload && r.Type != client.RecordExecutionEnd {
		return ""
	}
	t.payload = payload
	return payload
}

// failure tells why an attempt or an execution failed, and nothing of all other
// records. That a state failed is the failure of its action, told before.
func failure(r client.Record) (name, message string) {
	var described struct {
		Error struct{ Name, Message string }
	}
	if r.Status == client.StatusSuccess || r.Output == nil || r.Type == client.RecordStateEnd ||
		json.Unmarshal([]byte(*r.Output), &described) != nil {
		return "", ""
	}
	name = strings.TrimPrefix(described.Error.Name, "States.")
	return printable(name), printable(described.Error.Message)
}

// compact writes a JSON text on one line.
func compact(text string) string {
	var b bytes.Buffer
	if json.Compact(&b, []byte(text)) != nil {
		return printable(text)
	}
	return printable(b.String())
}
