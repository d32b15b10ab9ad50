package api_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"heddle/internal/api"
	"heddle/internal/callback"
	"heddle/internal/engine"
)

const callsOnce = `{"states":{"s":{"type":"OPERATION","start":true,"actions":[{"action-name":"a","function":"urn:fss:` + region + `:` + project + `:function:default:f","timeout":300}],"next-state":"end"},"end":{"type":"END"}}}`

// deferring is a service whose function takes a call and says no more.
func deferring(t *testing.T) (s *service, calls chan engine.Call) {
	t.Helper()
	calls = make(chan engine.Call, 1)
	s = newService(t, func(_ context.Context, c engine.Call) engine.Result {
		calls <- c
		return engine.Result{Deferred: true}
	})
	return s, calls
}

// urlFor returns where the result of a call is reported.
func (s *service) urlFor(c engine.Call) string {
	s.t.Helper()
	token, err := s.callbacks.Token(callback.Attempt{Key: c.Key, Visit: c.Visit, Branch: c.Branch, Number: c.Attempt})
	if err != nil {
		s.t.Fatal(err)
	}
	return callback.Path + token
}

func TestCallback(t *testing.T) {
	t.Parallel()
	s, calls := deferring(t)
	graph := s.createGraph("g", callsOnce)
	execution := s.start(graph, "x", "1")
	target := s.urlFor(<-calls)

	s.do("POST", target[:len(target)-1], "2").wantRefusal(t, 404, "FGS.0012", "none that a call was given")
	s.do("GET", target, "").wantRefusal(t, 405, "FGS.0012", "")
	s.do("POST", target, "2").want(t, 204, "")
	s.finish(execution)
	info := s.do("GET", execution, "").object(t)["execution_info"].(map[string]any)
	if info["output"] != "2" || info["execution_state"] != "SUCCESS" {
		t.Errorf("got %v", info)
	}
	for range 2 {
		s.do("POST", target, "3").wantRefusal(t, 409, "FGS.9005", "not awaited")
	}
}

// TestCallbackReportsFailures holds that a report says what an answer would.
func TestCallbackReportsFailures(t *testing.T) {
	t.Parallel()
	s, calls := deferring(t)
	graph := s.createGraph("g", callsOnce)
	for _, c := range []struct {
		body, status string
		want         string
	}{
		{"no such thing", "404", "States.NotFound"},
		{`{"error":"x"}`, "429", "States.TooManyRequests"},
		{"", "500", "States.ActionFailed"},
		{"not JSON", "", "States.ActionFailed"},
		{"", "200", "States.ActionFailed"},
		{`"` + strings.Repeat("x", 1<<18) + `"`, "", "States.ActionFailed"},
	} {
		execution := s.start(graph, "x", "1")
		var header []string
		if c.status != "" {
			header = []string{"X-Heddle-Callback-Status: " + c.status}
		}
		s.do("POST", s.urlFor(<-calls), c.body, header...).want(t, 204, "")
		s.finish(execution)
		if body := s.do("GET", execution, "").body; !strings.Contains(body, c.want) {
			t.Errorf("%s %.20q: got %s, want %s", c.status, c.body, body, c.want)
		}
	}
}

// TestCallbackURLsStayOutOfTheLog sends requests of all sorts to a URL that is
// still good.
func TestCallbackURLsStayOutOfTheLog(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	log := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h := api.New(config, api.Rooms{Engine: fakeEngine{}, Store: fakeStore{}, Callbacks: noCallbacks{}, Audit: trail()}, log).Handler()
	for _, target := range []string{"/callbacks/secret", "/callbacks/secret/x", "/callbacks//secret", "/callbacks/%73ecret"} {
		for _, method := range []string{"GET", "POST", "PATCH"} {
			if body := do(t, h, method, target, "1").body; strings.Contains(body, "ecret") {
				t.Errorf("%s %s: the answer is %s", method, target, body)
			}
		}
	}
	if text := lines.String(); strings.Contains(text, "ecret") || !strings.Contains(text, "/callbacks/…") {
		t.Errorf("the log is\n%s", text)
	}
}

func TestCallbackRefusals(t *testing.T) {
	t.Parallel()
	s, calls := deferring(t)
	graph := s.createGraph("g", callsOnce)
	execution := s.start(graph, "x", "1")
	target := s.urlFor(<-calls)
	for _, status := range []string{"x", "100", "202", "302", "600", "-1"} {
		s.do("POST", target, "1", "X-Heddle-Callback-Status: "+status).wantRefusal(t, 400, "FGS.0005", "X-Heddle-Callback-Status")
	}
	s.do("POST", target, strings.Repeat("x", int(config.BodyMax)+1)).wantRefusal(t, 413, "FGS.4109", "")
	s.do("POST", graph+"/executions/action", stop(`"execution_urn":"`+strings.TrimPrefix(execution, graphs+"/executions/")+`"`)).object(t)
	s.do("POST", target, "1").wantRefusal(t, 409, "FGS.9005", "went on without it")
}
