package api_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"heddle/internal/api"
	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/store"
)

const (
	startPath = graphs + "/urn:fgs:" + region + ":" + project + ":graph:g/executions/action"
	startBody = `{"action_type":"start","executions":{"execution_name":"x","input":"{}"}}`
)

// engineFaults are the errors of engine and store, and what callers are told.
var engineFaults = []struct {
	name   string
	err    error
	status int
	code   string
	retry  string // Retry-After
}{
	{"overloaded", engine.ErrOverloaded, 503, "FGS.9004", "1"},
	{"share used", engine.ErrShareUsed, 429, "FGS.9003", "1"},
	{"inbox full", fmt.Errorf("accept: %w", store.ErrFull), 429, "FGS.9003", "1"},
	{"draining", engine.ErrDraining, 503, "FGS.9004", "1"},
	{"store unavailable", fmt.Errorf("commit: %w", store.ErrUnavailable), 503, "FGS.9004", "1"},
	{"taken over", fmt.Errorf("commit: %w", store.ErrFenced), 503, "FGS.9004", "1"},
	{"outcome unknown", fmt.Errorf("commit: %w", store.ErrOutcomeUnknown), 503, "FGS.9006", ""},
	{"outcome unknown, store stopped", fmt.Errorf("commit: %w: %w", store.ErrOutcomeUnknown, store.ErrStopped), 503, "FGS.9006", ""},
	{"store stopped", fmt.Errorf("commit: %w", store.ErrStopped), 503, "FGS.9004", "1"},
	{"out of time", context.DeadlineExceeded, 503, "FGS.9006", ""},
	{"caller gone", context.Canceled, 503, "FGS.9006", ""},
	{"key reused", engine.ErrKeyReused, 409, "FGS.9002", ""},
	{"no graph", fmt.Errorf("look up: %w", store.ErrNotFound), 404, "FGS.1011", ""},
	{"unexpected", errors.New("disk /secret/path is on fire"), 500, "FGS.0007", ""},
}

// A start that happens once may be repeated whatever has become of it.
func TestADoubtfulStartWithAKeyMayBeRepeated(t *testing.T) {
	t.Parallel()
	for _, err := range []error{store.ErrOutcomeUnknown, context.DeadlineExceeded} {
		h := faked(fakeEngine{start: func(context.Context, engine.StartRequest) (engine.Started, error) {
			return engine.Started{}, err
		}}, fakeStore{})
		got := do(t, h, "POST", startPath, startBody, "Idempotency-Key: k")
		got.wantRefusal(t, 503, "FGS.9006", "repeat it under the same Idempotency-Key")
		if retry := got.header.Get("Retry-After"); retry != "1" {
			t.Errorf("Retry-After: got %q, want 1", retry)
		}
	}
}

func TestEngineFaults(t *testing.T) {
	t.Parallel()
	for _, c := range engineFaults {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := faked(fakeEngine{start: func(context.Context, engine.StartRequest) (engine.Started, error) {
				return engine.Started{}, c.err
			}}, fakeStore{})
			got := do(t, h, "POST", startPath, startBody)
			got.wantRefusal(t, c.status, c.code, "")
			if retry := got.header.Get("Retry-After"); retry != c.retry {
				t.Errorf("Retry-After: got %q, want %q", retry, c.retry)
			}
			if strings.Contains(got.body, "secret") {
				t.Errorf("the answer tells the text of an unexpected error: %s", got.body)
			}
		})
	}
}

// A read that runs out of time has changed nothing.
func TestAReadOutOfTimeMayBeRepeated(t *testing.T) {
	t.Parallel()
	h := faked(fakeEngine{}, fakeStore{graphs: func(store.GraphFilter, store.Page) ([]store.Graph, int64, error) {
		return nil, 0, context.DeadlineExceeded
	}})
	do(t, h, "GET", graphs, "").wantRefusal(t, 503, "FGS.9004", "took too long")
}

func TestADefinitionThatIsGone(t *testing.T) {
	t.Parallel()
	h := faked(fakeEngine{}, fakeStore{
		graph:      func(string) (store.Graph, error) { return store.Graph{Name: "g", Revision: 3}, nil },
		definition: func(int) (store.Definition, error) { return store.Definition{}, store.ErrNotFound },
	})
	got := do(t, h, "GET", graphs+"/urn:fgs:"+region+":"+project+":graph:g", "")
	got.wantRefusal(t, 404, "FGS.1003", "revision 3")
}

func TestAGraphThatIsDeletedWhileItIsListed(t *testing.T) {
	t.Parallel()
	h := faked(fakeEngine{}, fakeStore{
		graph: func(name string) (store.Graph, error) { return store.Graph{Name: name}, nil },
		executions: func(store.ExecutionFilter, store.Page) ([]store.Head, int64, error) {
			return nil, 0, store.ErrNotFound
		},
	})
	do(t, h, http.MethodGet, graphs+"/urn:fgs:"+region+":"+project+":graph:g/executions", "").
		wantRefusal(t, http.StatusNotFound, "FGS.1011", "g")
}

func TestReady(t *testing.T) {
	t.Parallel()
	state := error(nil)
	h := faked(fakeEngine{ready: func() error { return state }}, fakeStore{})
	do(t, h, "GET", "/readyz", "").want(t, 200, `{"status":"ready"}`)
	do(t, h, "GET", "/healthz", "").want(t, 200, `{"status":"ok"}`)
	state = engine.ErrDraining
	do(t, h, "GET", "/readyz", "").wantRefusal(t, 503, "FGS.9004", "starting or shutting down")
	do(t, h, "GET", "/healthz", "").want(t, 200, `{"status":"ok"}`)
}

func TestAPanicIsAnAnswerAndALogLine(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	log := slog.New(slog.NewTextHandler(&lines, nil))
	e := fakeEngine{start: func(context.Context, engine.StartRequest) (engine.Started, error) { panic("broken invariant") }}
	got := do(t, api.New(config, api.Rooms{Engine: e, Store: fakeStore{}, Guard: open{}, Audit: trail()}, log).Handler(), "POST", startPath, startBody, "X-Request-Id: abc.1")
	got.wantRefusal(t, 500, "FGS.0007", "X-Request-Id")
	for _, want := range []string{"level=ERROR", "request=abc.1", "status=500", "broken invariant", "errors_test.go"} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, lines.String())
		}
	}
}

func TestLogLines(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	log := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	e := fakeEngine{start: func(_ context.Context, r engine.StartRequest) (engine.Started, error) {
		switch {
		case r.Test:
			return engine.Started{}, engine.ErrDraining
		case r.Name == "overload":
			return engine.Started{}, engine.ErrOverloaded
		}
		var s engine.Started
		s.URN.Name = "实例"
		return s, nil
	}}
	h := api.New(config, api.Rooms{Engine: e, Store: fakeStore{}, Guard: open{}, Audit: trail()}, log).Handler()
	for _, c := range []struct {
		body string
		want []string
	}{
		{strings.Replace(startBody, "start", "test_start", 1), []string{"level=WARN", "status=503", "shutting down"}},
		{strings.Replace(startBody, `"x"`, `"overload"`, 1), []string{"level=DEBUG", "status=503", "overloaded"}},
		{startBody, []string{"level=DEBUG", "status=200", "took=", "method=POST", "execution=urn:fgs:", "实例"}},
		{`{"action_type":"x\ny"}`, []string{"level=INFO", "status=400", "FGS.2006", `x\\ny`}},
	} {
		lines.Reset()
		do(t, h, "POST", startPath, c.body)
		if n := strings.Count(lines.String(), "\n"); n != 1 {
			t.Errorf("%s: got %d lines, want 1:\n%s", c.body, n, lines.String())
		}
		for _, want := range c.want {
			if !strings.Contains(lines.String(), want) {
				t.Errorf("%s: the log does not say %q:\n%s", c.body, want, lines.String())
			}
		}
	}
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	h := faked(fakeEngine{}, fakeStore{})
	for id, kept := range map[string]bool{
		"a":                     true,
		"Az09._-":               true,
		strings.Repeat("x", 64): true,
		strings.Repeat("x", 65): false,
		"":                      false,
		"a b":                   false,
		"ä":                     false,
	} {
		got := do(t, h, "GET", "/healthz", "", "X-Request-Id: "+id).header.Get("X-Request-Id")
		if got == "" || (got == id) != kept {
			t.Errorf("%q: got %q, want it kept: %t", id, got, kept)
		}
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	h := faked(fakeEngine{delete: func(string) error { return nil }}, fakeStore{})
	for target, status := range map[string]int{"/healthz": 200, "/nothing": 404} {
		got := do(t, h, "GET", target, "")
		if got.status != status {
			t.Errorf("%s: got status %d, want %d", target, got.status, status)
		}
		for name, want := range map[string]string{
			"Content-Type":           "application/json",
			"Content-Length":         fmt.Sprint(len(got.body)),
			"Cache-Control":          "no-store",
			"X-Content-Type-Options": "nosniff",
		} {
			if value := got.header.Get(name); value != want {
				t.Errorf("%s: %s: got %q, want %q", target, name, value, want)
			}
		}
	}
	got := do(t, h, http.MethodDelete, graphs+"/urn:fgs:"+region+":"+project+":graph:g", "")
	got.want(t, 204, "")
	if value := got.header.Get("Content-Type"); value != "" {
		t.Errorf("an answer without a body has Content-Type %q", value)
	}
}

// A history that waits hands the engine the record after which it waits, for
// no longer than the caller said.
func TestHistoryWaits(t *testing.T) {
	t.Parallel()
	rows := [][]byte{encode(journal.ExecutionStarted{At: 1, Name: "x", Input: "1"})}
	waited := 0
	h := faked(
		fakeEngine{await: func(ctx context.Context, _ store.Key, after journal.Seq) {
			deadline, ok := ctx.Deadline()
			if left := time.Until(deadline); !ok || after != 1 || left > 5*time.Second {
				t.Errorf("waits %s for a record after %d, want 5s and 1", left, after)
			}
			waited++
			rows = [][]byte{encode(journal.ExecutionStarted{At: 1, Name: "x", Input: "1"}, journal.ExecutionEnded{At: 2, Status: journal.Success, Output: "1"})}
		}},
		fakeStore{
			graph: func(string) (store.Graph, error) { return store.Graph{Name: "g"}, nil },
			load:  func(store.Key) (store.Head, [][]byte, error) { return store.Head{Name: "x"}, rows, nil },
		})
	path := graphs + "/executions/urn:fgs:" + region + ":" + project + ":execution:g:x:ae0d3e648af440af5828696f16f0d1b4/history?order=asc&marker="
	got := do(t, h, "GET", path+"1", "", "X-Heddle-Wait-Seconds: 5")
	got.want(t, 200, `{"count":2,"state_history":[{"type":"Execution End","status":"SUCCESS","output":"1","stopped_at":"1970-01-01T00:00:00.002Z"}]}`)
	do(t, h, "GET", path+"2", "", "X-Heddle-Wait-Seconds: 5").want(t, 200, `{"count":2,"state_history":[]}`)
	do(t, h, "GET", path+"0", "", "X-Heddle-Wait-Seconds: 5").wantField(t, "count", 2.0)
	if waited != 1 {
		t.Errorf("waited %d times, want once: there was something to show, or nothing to come", waited)
	}
}

func encode(records ...journal.Record) []byte {
	var c journal.Codec
	return c.Encode(nil, records)
}

// TestCrowds holds that a start which would be refused for want of room is
// refused before it is looked at, and that a stop is not.
func TestCrowds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		status int
		code   string
	}{
		{engine.ErrOverloaded, 503, "FGS.9004"},
		{engine.ErrShareUsed, 429, "FGS.9003"},
	} {
		h := faked(fakeEngine{crowded: func(of string) error {
			if of != project {
				t.Errorf("the project is %q", of)
			}
			return c.err
		}}, fakeStore{})
		for _, body := range []string{startBody, `{"action_type":"test_start"}`, `{`} {
			got := do(t, h, "POST", startPath, body)
			got.wantRefusal(t, c.status, c.code, "")
			if retry := got.header.Get("Retry-After"); retry != "1" {
				t.Errorf("%s: Retry-After is %q, want 1", body, retry)
			}
		}
		do(t, h, "POST", startPath, stop(`"execution_urn":"x"`)).wantRefusal(t, 400, "FGS.0010", "")
		do(t, h, "POST", startPath, `{"action_type":"stop",`).wantRefusal(t, 400, "FGS.0009", "")
		do(t, h, "POST", startPath, "").wantRefusal(t, 400, "FGS.0008", "")
		do(t, h, "POST", graphs, `{"graph_name":1}`).wantRefusal(t, 400, "FGS.1006", "")
	}
}
