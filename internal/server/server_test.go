package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
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

// A caller that waits for a history to grow is answered, and does not hold up
// the shutdown.
func TestAShutdownAnswersThoseWhoWait(t *testing.T) {
	t.Parallel()
	r := run(t, configFor(t.TempDir()))
	execution := r.start(r.createGraph("slow", slow))
	conn := r.dial()
	fmt.Fprintf(conn, "GET %s/history?order=asc&marker=2 HTTP/1.1\r\nHost: localhost\r\nX-Heddle-Wait-Seconds: 20\r\n\r\n", execution)
	r.call("GET", "/healthz", "") // the connection before this one has been taken by now
	if err := r.end(); err != nil {
		t.Error(err)
	}
	wantStatus(t, conn, "HTTP/1.1 200 ")
}

// Clients open connections ahead of need. One that was never used is cut off.
func TestAShutdownDoesNotWaitForSilence(t *testing.T) {
	t.Parallel()
	cfg := configFor(t.TempDir())
	cfg.ShutdownTimeout = 4 * time.Second
	r := run(t, cfg)
	r.dial()
	r.call("GET", "/healthz", "") // the connection before this one has been taken by now
	if err := r.end(); err != nil {
		t.Error(err)
	}
}

// When nobody knows whether a commit has happened, and the store cannot tell
// before it is opened again, callers are told so, and the server ends with an
// error: it must start again from what is on the disk.
func TestAnUnknownOutcomeEndsTheServer(t *testing.T) {
	t.Parallel()
	st := memory.New(1)
	var broken atomic.Bool
	st.Faults.After = func(method string) error {
		if method == "Commit" && broken.Load() {
			return fmt.Errorf("%w: %w", store.ErrOutcomeUnknown, store.ErrStopped)
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
	if err := <-r.ended; !errors.Is(err, store.ErrStopped) {
		t.Errorf("the server ended with %v, want %v", err, store.ErrStopped)
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
	for _, c := range []struct{ name, request, want string }{
		{"length and chunks", "POST " + graphs + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", "HTTP/1.1 411 "},
		{"two lengths", "POST " + graphs + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "HTTP/1.1 400 "},
		{"two hosts", "GET " + graphs + " HTTP/1.1\r\nHost: localhost\r\nHost: y\r\n\r\n", "HTTP/1.1 400 "},
		{"absolute target", "GET http://localhost" + graphs + " HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 404 "},
		{"absolute target elsewhere", "GET http://y" + graphs + " HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 403 "},
		{"escape that is none", "GET /v1.0/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 400 "},
		{"long header", "GET " + graphs + " HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 32<<10) + "\r\n\r\n", "HTTP/1.1 431 "},
		{"long body announced", "POST " + graphs + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10485760\r\n\r\n{", "HTTP/1.1 413 "},
		{"NUL in the path", "GET /v1.0/p%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 404 "},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := r.dial()
			io.WriteString(conn, c.request)
			wantStatus(t, conn, c.want)
		})
	}
	if a := r.call("POST", graphs, strings.Repeat(" ", 10<<20)); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("ten megabytes: got %d %v, want 413", a.status, a.fields)
	}
	if a := r.call("GET", graphs, ""); a.status != http.StatusOK {
		t.Errorf("after all that: got %d %v, want 200", a.status, a.fields)
	}
}
