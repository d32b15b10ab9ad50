package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"heddle/internal/config"
	"heddle/internal/server"
)

const (
	project = "demo"
	graphs  = "/v1.0/" + project + "/cloud_graphs"
	end     = `"end":{"type":"END"}`
	pass    = `{"states":{"a":{"type":"NOOP","start":true,"next-state":"end"},` + end + `}}`
	slow    = `{"states":{"a":{"type":"DELAY","start":true,"time-delay":86400,"next-state":"end"},` + end + `}}`
	calling = `{"states":{"a":{"type":"OPERATION","start":true,"actions":[{"action-name":"x","function":"urn:fss:local:demo:function:default:f"}],"next-state":"end"},` + end + `}}`
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func configFor(dir string) config.Config {
	cfg := config.Default()
	cfg.Listen = "127.0.0.1:0"
	cfg.DataDir = dir
	return cfg
}

// running is a server that runs.
type running struct {
	t     *testing.T
	base  string
	web   *http.Transport
	stop  context.CancelFunc
	ended chan error
}

// run starts a server and waits until it is ready.
func run(t *testing.T, cfg config.Config) *running {
	t.Helper()
	return runAs(t, cfg, (*server.Server).Run)
}

func runAs(t *testing.T, cfg config.Config, run func(*server.Server, context.Context) error) *running {
	t.Helper()
	s, err := server.New(cfg, quiet)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{t, "http://" + s.Addr(), new(http.Transport), cancel, make(chan error, 1)}
	go func() { r.ended <- run(s, ctx) }()
	t.Cleanup(cancel)
	t.Cleanup(r.web.CloseIdleConnections)
	for r.call("GET", "/readyz", "").status != http.StatusOK {
		select {
		case err := <-r.ended:
			t.Fatalf("the server ended with %v", err)
		default:
		}
	}
	return r
}

// end stops the server and returns what Run returned.
func (r *running) end() error {
	r.stop()
	return <-r.ended
}

// dial opens a connection, for a request that no client would send. The next
// call opens another one, and is answered after this has been taken.
func (r *running) dial() net.Conn {
	r.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.base, "http://"))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	r.web.CloseIdleConnections()
	return conn
}

// wantStatus checks how the first line of an answer begins.
func wantStatus(t *testing.T, conn net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	n, err := io.ReadFull(conn, got)
	if string(got[:n]) != want {
		t.Errorf("got %q and %v, want %q", got[:n], err, want)
	}
}

type answer struct {
	status int
	header http.Header
	fields map[string]any
}

func (r *running) call(method, path, body string, header ...string) answer {
	r.t.Helper()
	request, err := http.NewRequest(method, r.base+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		request.Header.Set(name, value)
	}
	response, err := r.web.RoundTrip(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	a := answer{status: response.StatusCode, header: response.Header}
	if err := json.NewDecoder(response.Body).Decode(&a.fields); err != nil && !errors.Is(err, io.EOF) {
		r.t.Fatalf("%s %s: the answer is not JSON: %v", method, path, err)
	}
	return a
}

func (a answer) text(t *testing.T, field string) string {
	t.Helper()
	text, ok := a.fields[field].(string)
	if a.status != http.StatusOK || !ok {
		t.Fatalf("got %d %v, want 200 and %s", a.status, a.fields, field)
	}
	return text
}

func quoted(text string) string {
	q, _ := json.Marshal(text)
	return string(q)
}

// createGraph stores a graph and returns its path.
func (r *running) createGraph(name, definition string) string {
	r.t.Helper()
	a := r.call("POST", graphs, fmt.Sprintf(`{"graph_name":%q,"definition":%s}`, name, quoted(definition)))
	return graphs + "/" + a.text(r.t, "graph_urn")
}

// start starts an execution and returns its path.
func (r *running) start(graph string) string {
	r.t.Helper()
	a := r.call("POST", graph+"/executions/action", `{"action_type":"start","executions":{"execution_name":"实例","input":"{\"n\":1.10}"}}`)
	return graphs + "/executions/" + a.text(r.t, "execution_urn")
}

// finish waits for the end of an execution and returns what is shown of it.
func (r *running) finish(execution string) map[string]any {
	r.t.Helper()
	for marker := "0"; marker != ""; {
		page := r.call("GET", execution+"/history?order=asc&limit=1000&marker="+marker, "", "X-Heddle-Wait-Seconds: 20")
		marker, _ = page.fields["next_marker"].(string)
	}
	return r.show(execution)
}

func (r *running) show(execution string) map[string]any {
	r.t.Helper()
	a := r.call("GET", execution, "")
	info, ok := a.fields["execution_info"].(map[string]any)
	if !ok {
		r.t.Fatalf("got %d %v, want an execution", a.status, a.fields)
	}
	return info
}
