package function_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
	"time"

	"heddle/internal/function"
)

const (
	project = "9800716a0c604a8690963103a85754f0"
	hello   = "urn:fss:local:" + project + ":function:default:hello"
)

// request returns a call of hello that has time enough.
func request() function.Request {
	return function.Request{
		Function:     hello,
		Project:      project,
		Input:        `{"n":1}`,
		Timeout:      time.Minute,
		InvocationID: "inv-1",
		Execution:    "urn:fgs:local:" + project + ":execution:orders:first:ae0d3e648af440af5828696f16f0d1b4",
		State:        "greet",
		Action:       "hello",
		Attempt:      1,
	}
}

// here is where functions of tests are.
var here = function.Reach{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}

// newRegistry returns a registry in which hello is at the URL, and keeps it
// running for the time of the test.
func newRegistry(t testing.TB, cfg function.Config, url string) *function.Registry {
	t.Helper()
	cfg.Reach = here
	r, err := function.NewRegistry(cfg, []function.Declaration{{URN: hello, URL: url}})
	if err != nil {
		t.Fatal(err)
	}
	start(t, r)
	return r
}

// start runs the registry for the time of the test.
func start(t testing.TB, r *function.Registry) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// serve starts an HTTP server for the time of the test and returns its URL.
func serve(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

// serveRaw starts a server that reads each request whole, and answers it with
// whatever script does to the connection. It returns the server's URL. The
// connection is closed when script returns; ended is closed with the test.
func serveRaw(t testing.TB, script func(conn *net.TCPConn, ended <-chan struct{})) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			served.Go(func() {
				defer conn.Close()
				for requests := bufio.NewReader(conn); ; {
					r, err := http.ReadRequest(requests)
					if err != nil {
						return
					}
					io.Copy(io.Discard, r.Body)
					script(conn.(*net.TCPConn), ended)
				}
			})
		}
	})
	t.Cleanup(func() {
		close(ended)
		listener.Close()
		served.Wait()
	})
	return "http://" + listener.Addr().String()
}

func checkFailure(t *testing.T, got function.Result, want string) {
	t.Helper()
	if got.Failure == nil {
		t.Fatalf("the call gave %q, want the failure %s", got.Output, want)
	}
	if got.Failure.Name != want {
		t.Errorf("failure %s (%s), want %s", got.Failure.Name, got.Failure.Message, want)
	}
}

func checkOutput(t *testing.T, got function.Result, want string) {
	t.Helper()
	if got.Failure != nil {
		t.Fatalf("the call failed with %s: %s", got.Failure.Name, got.Failure.Message)
	}
	if got.Output != want {
		t.Errorf("output %q, want %q", got.Output, want)
	}
}
