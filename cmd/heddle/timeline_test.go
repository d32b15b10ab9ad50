package main

import (
	"bytes"
	"testing"

	"heddle/internal/client"
)

func text(s string) *string { return &s }

func TestTimeline(t *testing.T) {
	t.Parallel()
	records := []client.Record{
		{Type: client.RecordExecutionStart, ExecutionName: "one", Input: text("{\"a\" : 1}"), StartedAt: "2026-01-02T03:04:05.000Z"},
		{Type: client.RecordStateStart, StateName: "ask", Input: text(`{"a":1}`), StartedAt: "2026-01-02T03:04:05.001Z"},
		{Type: client.RecordActionStart, ActionName: "greet", Attempt: 1, Input: text(`{"a":1}`), StartedAt: "2026-01-02T03:04:05.001Z"},
		{Type: client.RecordActionEnd, ActionName: "greet", Attempt: 1, Status: "TIMEOUT", StoppedAt: "2026-01-02T03:04:35.001Z",
			Output: text(`{"error":{"name":"States.Timeout","code":"FGS.2011","message":"no answer\nwithin 30 s"}}`)},
		{Type: client.RecordActionStart, ActionName: "greet", Attempt: 2, Input: text(`{"a":1}`), StartedAt: "2026-01-02T04:04:35.001Z"},
		{Type: client.RecordActionDeferred, ActionName: "greet", Attempt: 2, StartedAt: "2026-01-02T04:04:35.001Z"},
		{Type: client.RecordActionEnd, ActionName: "greet", Attempt: 2, Status: "SUCCESS", Output: text(`"` + "a text \x1b[31m that is far too long for the line" + `"`), StoppedAt: "2026-01-02T04:04:35.002Z"},
		{Type: client.RecordStateEnd, StateName: "ask", Status: "SUCCESS", Output: text(`2`), StoppedAt: "2026-01-02T04:04:35.002Z"},
		{Type: client.RecordStateStart, StateName: "a state with a name that is very long indeed", Input: text(`2`), StartedAt: "2026-01-02T04:04:35.002Z"},
		{Type: client.RecordStateEnd, StateName: "a state with a name that is very long indeed", Status: "ABORTED", StoppedAt: "2026-01-02T04:04:36.002Z"},
		{Type: client.RecordEventReceived, EventName: "put", EventID: "7", Input: text(`{"b":2}`), StartedAt: "2026-01-02T04:04:36.002Z"},
		{Type: client.RecordEventDropped, EventName: "put", EventID: "7", StoppedAt: "2026-01-02T04:04:36.002Z"},
		{Type: client.RecordEventTaken, EventName: "put, told", StartedAt: "2026-01-02T04:04:36.002Z"},
		{Type: client.RecordEventAnswered, EventID: "8", Status: "FAILED", StoppedAt: "2026-01-02T04:04:36.002Z",
			Output: text(`{"error":{"name":"States.Aborted","code":"FGS.2022","message":"the execution was stopped"}}`)},
		{Type: client.RecordExecutionEnd, Status: "ABORTED", StoppedAt: "2026-01-02T04:04:36.002Z"},
	}
	const want = `   0.000s  execution one                 started  {"a":1}
   0.001s    state ask                   started
   0.001s      action greet              started
  30.001s      action greet              TIMEOUT  Timeout
               no answer within 30 s
  1h0m30s      action greet, attempt 2   started
  1h0m30s      action greet, attempt 2   deferred
  1h0m30s      action greet, attempt 2   SUCCESS  "a text �[31m that is far too…
  1h0m30s    state ask                   SUCCESS  2
  1h0m30s    state a state with a name…  started
  1h0m31s    state a state with a name…  ABORTED
  1h0m31s      event put                 came     {"b":2}
  1h0m31s      event put                 dropped
  1h0m31s      event put, told           taken
  1h0m31s      event's answer            FAILED   Aborted
               the execution was stopped
  1h0m31s  execution one                 ABORTED
`
	var out bytes.Buffer
	timeline := &timeline{out: &out, columns: columnsDefault}
	for _, r := range records {
		timeline.record(r)
	}
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTimelineInColour(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	timeline := &timeline{out: &out, columns: columnsDefault, style: style{on: true}}
	timeline.record(client.Record{Type: client.RecordExecutionEnd, Status: "SUCCESS"})
	if got, want := out.String(), "           execution                     \x1b[32mSUCCESS\x1b[0m\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
