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
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"heddle/internal/config"
	"heddle/internal/server"
	"heddle/internal/store"
	"heddle/internal/store/memory"
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
	r := &running{t, "http://" + s.Addr(), cancel, make(chan error, 1)}
	go func() { r.ended <- run(s, ctx) }()
	t.Cleanup(cancel)
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
	response, err := http.DefaultTransport.RoundTrip(request)
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

func TestAnExecutionFromStartToEnd(t *testing.T) {
	t.Parallel()
	var got http.Header
	functions := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		io.Copy(w, r.Body)
	}))
	defer functions.Close()
	cfg := configFor(t.TempDir())
	cfg.Functions = []config.Function{{URN: "urn:fss:local:demo:function:default:f:latest", URL: functions.URL}}
	r := run(t, cfg)
	info := r.finish(r.start(r.createGraph("g", calling)))
	if info["execution_state"] != "SUCCESS" || info["output"] != `{"n":1.10}` {
		t.Errorf("got %v, want SUCCESS and the output of the function", info)
	}
	for name, want := range map[string]string{"X-Heddle-State": "a", "X-Heddle-Action": "x", "X-Heddle-Attempt": "1"} {
		if got.Get(name) != want {
			t.Errorf("%s: got %q, want %q", name, got.Get(name), want)
		}
	}
	if err := r.end(); err != nil {
		t.Error(err)
	}
}

func TestNothingIsLostByARestart(t *testing.T) {
	t.Parallel()
	cfg := configFor(t.TempDir())
	first := run(t, cfg)
	waiting := first.start(first.createGraph("slow", slow))
	ended := first.start(first.createGraph("pass", pass))
	before := first.finish(ended)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	second := run(t, cfg)
	if after := second.show(ended); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("got  %v\nwant %v", after, before)
	}
	if info := second.show(waiting); info["execution_state"] != "RUNNING" {
		t.Errorf("got %v, want it still RUNNING", info)
	}
	urn := strings.TrimPrefix(waiting, graphs+"/executions/")
	stop := fmt.Sprintf(`{"action_type":"stop","executions":{"execution_urn":%q}}`, urn)
	second.call("POST", graphs+"/urn:fgs:local:demo:graph:slow/executions/action", stop).text(t, "stopped_at")
	if err := second.end(); err != nil {
		t.Error(err)
	}
}

// A caller that waits for a history to grow does not hold up a shutdown.
func TestAShutdownAnswersThoseWhoWait(t *testing.T) {
	t.Parallel()
	r := run(t, configFor(t.TempDir()))
	execution := r.start(r.createGraph("slow", slow))
	answered := make(chan answer)
	go func() {
		answered <- r.call("GET", execution+"/history?order=asc&marker=2", "", "X-Heddle-Wait-Seconds: 20")
	}()
	// Whether the call is being waited for already or is refused at the door
	// depends on who is first; neither may hang.
	r.call("GET", execution, "")
	ended := make(chan error)
	go func() { ended <- r.end() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(15 * time.Second):
		t.Fatal("the shutdown waits for the caller")
	}
	<-answered
}

// When nobody knows whether a commit has happened, callers are told so, and the
// server ends with an error: it must start again from what is on the disk.
func TestAnUnknownOutcomeEndsTheServer(t *testing.T) {
	t.Parallel()
	st := memory.New(1)
	var broken atomic.Bool
	st.Faults.After = func(method string) error {
		if method == "Commit" && broken.Load() {
			return store.ErrOutcomeUnknown
		}
		return nil
	}
	r := runAs(t, configFor(t.TempDir()), func(s *server.Server, ctx context.Context) error { return s.RunOn(ctx, st) })
	graph := r.createGraph("pass", pass)
	broken.Store(true)
	a := r.call("POST", graph+"/executions/action", `{"action_type":"start","executions":{"execution_name":"x","input":"1"}}`)
	if a.status != http.StatusServiceUnavailable || a.fields["error_code"] != "FGS.9006" {
		t.Errorf("got %d %v, want 503 FGS.9006", a.status, a.fields)
	}
	if err := <-r.ended; !errors.Is(err, store.ErrOutcomeUnknown) {
		t.Errorf("the server ended with %v, want %v", err, store.ErrOutcomeUnknown)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, c := range []struct {
		name   string
		change func(*config.Config)
		want   string
	}{
		{"an address that is taken", func(c *config.Config) { c.Listen = taken.Addr().String() }, "listen on " + taken.Addr().String()},
		{"a function that cannot be", func(c *config.Config) { c.Functions = []config.Function{{URN: "x", URL: "http://127.0.0.1"}} }, "functions[0].urn"},
	} {
		cfg := configFor(t.TempDir())
		c.change(&cfg)
		if _, err := server.New(cfg, quiet); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want it to say %q", c.name, err, c.want)
		}
	}
}

// Two servers on one data directory would be two owners.
func TestADirectoryHasOneServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	run(t, configFor(dir))
	second, err := server.New(configFor(dir), quiet)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Run(context.Background()); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v, want an error that names %s", err, dir)
	}
	if _, err := net.Dial("tcp", second.Addr()); err == nil {
		t.Error("the address is still taken")
	}
}

// Raw requests that servers and proxies may read differently, and bodies that
// are too long, are refused, and the server goes on.
func TestRawRequests(t *testing.T) {
	t.Parallel()
	r := run(t, configFor(t.TempDir()))
	address := strings.TrimPrefix(r.base, "http://")
	for _, c := range []struct{ name, request, want string }{
		{"length and chunks", "POST " + graphs + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", "HTTP/1.1 411 "},
		{"two lengths", "POST " + graphs + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "HTTP/1.1 400 "},
		{"two hosts", "GET " + graphs + " HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "HTTP/1.1 400 "},
		{"absolute target", "GET http://y" + graphs + " HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 "},
		{"escape that is none", "GET /v1.0/%zz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 "},
		{"long header", "GET " + graphs + " HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 32<<10) + "\r\n\r\n", "HTTP/1.1 431 "},
		{"long body announced", "POST " + graphs + " HTTP/1.1\r\nHost: x\r\nContent-Length: 10485760\r\n\r\n{", "HTTP/1.1 413 "},
		{"NUL in the path", "GET /v1.0/p%00 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 "},
	} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, c.request)
		line := make([]byte, len(c.want))
		io.ReadFull(conn, line)
		conn.Close()
		if string(line) != c.want {
			t.Errorf("%s: got %q, want %q", c.name, line, c.want)
		}
	}
	if a := r.call("POST", graphs, strings.Repeat(" ", 10<<20)); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("ten megabytes: got %d %v, want 413", a.status, a.fields)
	}
	if a := r.call("GET", graphs, ""); a.status != http.StatusOK {
		t.Errorf("after all that: got %d %v, want 200", a.status, a.fields)
	}
}
