package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"heddle/internal/client"
)

const (
	graphURN     = "urn:fgs:local:default:graph:video-analysis"
	executionURN = "urn:fgs:local:default:execution:video-analysis:实例1:4d64afb839ad4eec9fed1be7d6a361be"
)

// answer is what a fake server says to every request, and what it was asked.
type answer struct {
	status int
	header map[string]string
	body   string

	asked   string // method and path as sent
	sent    string // body
	headers http.Header
}

func (a *answer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a.asked, a.sent, a.headers = r.Method+" "+r.URL.RequestURI(), string(body), r.Header
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	io.WriteString(w, a.body)
}

// newClient returns a client of a server that answers with h.
func newClient(t *testing.T, h http.Handler) *client.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := client.New(client.Config{Server: server.URL + "/", Project: "default"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCalls(t *testing.T) {
	t.Parallel()
	const executionPath = "/v1.0/default/cloud_graphs/executions/urn:fgs:local:default:execution:video-analysis:%E5%AE%9E%E4%BE%8B1:4d64afb839ad4eec9fed1be7d6a361be"
	tests := []struct {
		name  string
		call  func(context.Context, *client.Client) (any, error)
		body  string // of the answer
		asked string
		sent  string
		want  string // the result as JSON; the body if empty
	}{
		{
			name: "create graph",
			call: func(ctx context.Context, c *client.Client) (any, error) {
				return c.CreateGraph(ctx, client.NewGraph{Name: "video-analysis", Definition: `{"a":"<&>"}`})
			},
			body:  `{"graph_urn":"` + graphURN + `","created_at":"2017-08-10T07:51:00.630Z"}`,
			asked: "POST /v1.0/default/cloud_graphs",
			sent:  `{"graph_name":"video-analysis","definition":"{\"a\":\"<&>\"}"}`,
		},
		{
			name: "update graph",
			call: func(ctx context.Context, c *client.Client) (any, error) {
				return c.UpdateGraph(ctx, graphURN, `{}`)
			},
			body:  `{"graph_urn":"` + graphURN + `","last_modified":"2017-12-06T02:54:55.788Z"}`,
			asked: "PUT /v1.0/default/cloud_graphs/" + graphURN,
			sent:  `{"info":"{}","info_type":"definition"}`,
		},
		{
			name: "show graph",
			call: func(ctx context.Context, c *client.Client) (any, error) {
				return c.Graph(ctx, graphURN)
			},
			body:  `{"name":"video-analysis","created_at":"2017-08-10T07:51:00.630Z","definition":{"z":1.10,"a":12345678901234567890},"graph_urn":"` + graphURN + `","description":"i am a graph"}`,
			asked: "GET /v1.0/default/cloud_graphs/" + graphURN,
		},
		{
			name: "list graphs",
			call: func(ctx context.Context, c *client.Client) (any, error) {
				return c.Graphs(ctx, client.ListQuery{Prefix: "video", Limit: 20})
			},
			body:  `{"count":1,"graphs":[{"name":"video-analysis","created_at":"2017-07-26T08:26:04.349Z","graph_urn":"` + graphURN + `"}]}`,
			asked: "GET /v1.0/default/cloud_graphs?limit=20&name=video",
		},
		{
			name: "list no graphs",
			call: func(ctx context.Context, c *client.Client) (any, error) {
				return c.Graphs(ctx, client.ListQuery{Limit: 20})
			},
			body:  `{"count":0,"graphs":[]}`,
			asked: "GET /v1.0/default/cloud_graphs?limit=20",
		},
		{
			name: "delete graph",
			call: func(ctx context.Context, c *client.Client) (any, error) {
				return nil, c.DeleteGraph(ctx, graphURN)
			},
			asked: "DELETE /v1.0/default/cloud_graphs/" + graphURN,
			want:  `null`,
		},
		{
			name: "start",
			call: func(ctx context.Context, c *client.Client) (any, error) {
				return c.Start(ctx, graphURN, client.StartRequest{Name: "analysis-execution1", Input: `{"k1":"123"}`})
			},
			body:  `{"execution_urn":"` + executionURN + `","started_at":"2017-08-10T11:06:14.287Z"}`,
			asked: "POST /v1.0/default/cloud_graphs/" + graphURN + "/executions/action",
			sent:  `{"action_type":"start","executions":{"execution_name":"analysis-execution1","input":"{\"k1\":\"123\"}"}}`,
		},
		{
			name: "test start",
			call: func(ctx context.Context, c *client.Client) (any, error) {
				return c.Start(ctx, graphURN, client.StartRequest{Name: "x", Input: `1`, Test: true})
			},
			body:  `{"execution_urn":"` + executionURN + `","started_at":"2017-08-10T11:06:14.287Z"}`,
			asked: "POST /v1.0/default/cloud_graphs/" + graphURN + "/executions/action",
			sent:  `{"action_type":"test_start","executions":{"execution_name":"x","input":"1"}}`,
		},
		{
			name: "stop",
			call: func(ctx context.Context, c *client.Client) (any, error) {
				return c.Stop(ctx, graphURN, executionURN)
			},
			body:  `{"stopped_at":"2017-08-10T11:12:56.105Z"}`,
			asked: "POST /v1.0/default/cloud_graphs/" + graphURN + "/executions/action",
			sent:  `{"action_type":"stop","executions":{"execution_urn":"` + executionURN + `"}}`,
		},
		{
			name: "list executions",
			call: func(ctx context.Context, c *client.Client) (any, error) {
				return c.Executions(ctx, graphURN, client.ListQuery{Limit: 10})
			},
			body:  `{"count":1,"executions":[{"graph_urn":"` + graphURN + `","execution_urn":"` + executionURN + `","execution_name":"实例1","started_at":"2017-08-10T11:06:14.268Z","stopped_at":"2017-08-10T11:12:56.101Z","execution_status":"ABORTED"}]}`,
			asked: "GET /v1.0/default/cloud_graphs/" + graphURN + "/executions?limit=10",
		},
		{
			name: "show execution",
			call: func(ctx context.Context, c *client.Client) (any, error) {
				return c.Execution(ctx, executionURN)
			},
			body:  `{"execution_info":{"state_map":{"z":{"state_name":"z","status":"SUCCESS","TYPE":"NOOP","input":"<1>","output":""},"a":{"state_name":"a","status":"NOTRUNNING","TYPE":"END"}},"input":"1","isTest":true,"execution_state":"RUNNING"}}`,
			asked: "GET " + executionPath,
			want:  `{"graph_urn":"","execution_urn":"","execution_name":"","execution_state":"RUNNING","start_state":"","isTest":true,"started_at":"","input":"1","state_map":{"z":{"state_name":"z","status":"SUCCESS","TYPE":"NOOP","input":"\u003c1\u003e","output":""},"a":{"state_name":"a","status":"NOTRUNNING","TYPE":"END"}}}`,
		},
		{
			name: "graph of an execution",
			call: func(ctx context.Context, c *client.Client) (any, error) {
				return c.GraphOf(ctx, executionURN)
			},
			body:  `{"name":"video-analysis","last_modified":"2017-12-12T07:48:38.381Z","definition":{"states":{}},"graph_urn":"` + graphURN + `"}`,
			asked: "GET " + strings.Replace(executionPath, "/executions/", "/graph_detail/", 1),
		},
		{
			name: "request work",
			call: func(ctx context.Context, c *client.Client) (any, error) {
				return c.RequestWork(ctx, "urn:t")
			},
			body:  `{"task_token":"` + executionURN + `","work_item":"{}"}`,
			asked: "POST /v1.0/default/worker_messages",
			sent:  `{"trigger_urn":"urn:t"}`,
		},
		{
			name: "report a result",
			call: func(ctx context.Context, c *client.Client) (any, error) {
				return nil, c.Report(ctx, client.MessageSuccess, "urn:t", executionURN, "1")
			},
			asked: "POST /v1.0/default/worker_messages",
			sent:  `{"result":"1","task_token":"` + executionURN + `","trigger_urn":"urn:t"}`,
			want:  "null",
		},
		{
			name: "test an event",
			call: func(ctx context.Context, c *client.Client) (any, error) {
				return c.TestEvent(ctx, graphURN, executionURN, "urn:t", "1", true)
			},
			body:  `{"response":"2"}`,
			asked: "POST " + strings.Replace(executionPath, "/executions/", "/"+graphURN+"/executions/", 1) + "/event_test",
			sent:  `{"input":"1","invocation_mode":"sync","trigger_urn":"urn:t"}`,
			want:  `"2"`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := &answer{body: test.body}
			result, err := test.call(t.Context(), newClient(t, a))
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(result)
			if err != nil {
				t.Fatal(err)
			}
			want := test.want
			if want == "" {
				want = test.body
			}
			if string(got) != want {
				t.Errorf("result\n got %s\nwant %s", got, want)
			}
			if a.asked != test.asked {
				t.Errorf("asked\n got %s\nwant %s", a.asked, test.asked)
			}
			if a.sent != test.sent {
				t.Errorf("sent\n got %s\nwant %s", a.sent, test.sent)
			}
			if typ := a.headers.Get("Content-Type"); (typ == "application/json") != (test.sent != "") {
				t.Errorf("Content-Type %q with the body %q", typ, test.sent)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		answer
		want client.Error
		text string
	}{
		{
			name: "the API's envelope",
			answer: answer{
				status: http.StatusBadRequest,
				header: map[string]string{"X-Request-Id": "r1"},
				body:   `{"error_code":"FGS.1071","error_msg":"no such state","details":[{"code":"FGS.1071","path":"/states/a/next-state","message":"no such state"}]}`,
			},
			want: client.Error{Status: 400, Code: "FGS.1071", Message: "no such state", RequestID: "r1",
				Details: []client.Detail{{Code: "FGS.1071", Path: "/states/a/next-state", Message: "no such state"}}},
			text: "FGS.1071 no such state",
		},
		{
			name:   "a proxy's page",
			answer: answer{status: http.StatusBadGateway, body: "<html>"},
			want:   client.Error{Status: 502, Message: "Bad Gateway"},
			text:   "502 Bad Gateway",
		},
		{
			name:   "a redirect",
			answer: answer{status: http.StatusFound, header: map[string]string{"Location": "/elsewhere"}},
			want:   client.Error{Status: 302, Message: "Found"},
			text:   "302 Found",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := newClient(t, &test.answer).Graph(t.Context(), graphURN)
			var got *client.Error
			if !errors.As(err, &got) {
				t.Fatalf("got the error %v, want a *client.Error", err)
			}
			gotText, _ := json.Marshal(*got)
			wantText, _ := json.Marshal(test.want)
			if string(gotText) != string(wantText) {
				t.Errorf("got %s, want %s", gotText, wantText)
			}
			if got.Error() != test.text {
				t.Errorf("it reads %q, want %q", got.Error(), test.text)
			}
		})
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	a := &answer{body: `{"status":"ready"}`}
	if err := newClient(t, a).Ready(t.Context()); err != nil || a.asked != "GET /readyz" {
		t.Errorf("%s gave %v", a.asked, err)
	}
	calls := 0
	if err := newClientInProcess(t, busy(&calls, "1")).Ready(t.Context()); err == nil || calls != 1 {
		t.Errorf("a busy server gave %v in %d calls", err, calls)
	}
}

func TestAnswerOfAnotherShape(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "hello", `[]`, `{"execution_info":{"state_map":[]}}`} {
		_, err := newClient(t, &answer{body: body}).Execution(t.Context(), executionURN)
		var refusal *client.Error
		if err == nil || errors.As(err, &refusal) {
			t.Errorf("the answer %q gave the error %v", body, err)
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, server := range []string{"", "127.0.0.1:8480", "ftp://host", "http://", "http://a b"} {
		if _, err := client.New(client.Config{Server: server, Project: "default"}); err == nil {
			t.Errorf("the server %q was accepted", server)
		}
	}
	if _, err := client.New(client.Config{Server: "http://127.0.0.1:8480"}); err == nil {
		t.Error("an empty project was accepted")
	}
}
