package function_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"heddle/internal/function"
)

func TestRequest(t *testing.T) {
	t.Parallel()
	var got *http.Request
	var body string
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		got, body = r, string(text)
		io.WriteString(w, `{"ok":true}`)
	})
	r, err := function.NewRegistry(function.Config{Reach: here}, []function.Declaration{{
		URN:     hello,
		URL:     server + "/hello%2Fyou?code=a%20b",
		Headers: map[string]string{"authorization": "Bearer abc", "X-Shop": "7"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	call := request()
	call.Execution = "urn:fgs:local:" + project + ":execution:orders:订单 1%\n:ae0d3e648af440af5828696f16f0d1b4"
	call.State = "grüß 全/"
	call.Action = "a_1-b"
	call.Attempt = 3
	call.CallbackURL = "https://heddle.example/callbacks/token"
	call.Traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	checkOutput(t, r.Invoke(context.Background(), call), `{"ok":true}`)

	if want := "POST /hello%2Fyou?code=a%20b"; got.Method+" "+got.RequestURI != want {
		t.Errorf("request line %s %s, want %s", got.Method, got.RequestURI, want)
	}
	if body != call.Input {
		t.Errorf("body %q, want %q", body, call.Input)
	}
	if int(got.ContentLength) != len(call.Input) {
		t.Errorf("length %d, want %d", got.ContentLength, len(call.Input))
	}
	want := http.Header{
		"Authorization":          {"Bearer abc"},
		"Content-Length":         {"7"},
		"Content-Type":           {"application/json"},
		"Traceparent":            {call.Traceparent},
		"User-Agent":             {"heddle"},
		"X-Heddle-Action":        {"a_1-b"},
		"X-Heddle-Attempt":       {"3"},
		"X-Heddle-Execution":     {"urn:fgs:local:" + project + ":execution:orders:%E8%AE%A2%E5%8D%95%201%25%0A:ae0d3e648af440af5828696f16f0d1b4"},
		"X-Heddle-Callback-Url":  {call.CallbackURL},
		"X-Heddle-Invocation-Id": {"inv-1"},
		"X-Heddle-State":         {"gr%C3%BC%C3%9F%20%E5%85%A8%2F"},
		"X-Shop":                 {"7"},
	}
	for name := range got.Header {
		if _, ok := want[name]; !ok {
			t.Errorf("header %s is sent", name)
		}
	}
	for name := range want {
		if got.Header.Get(name) != want.Get(name) {
			t.Errorf("header %s is %q, want %q", name, got.Header.Get(name), want.Get(name))
		}
	}
	if state, err := url.PathUnescape(got.Header.Get("X-Heddle-State")); state != call.State {
		t.Errorf("the state is decoded as %q (%v), want %q", state, err, call.State)
	}
}

func TestRequestWithoutTraceparent(t *testing.T) {
	t.Parallel()
	sent := make(chan http.Header, 1)
	r := newRegistry(t, function.Config{}, serve(t, func(w http.ResponseWriter, r *http.Request) { sent <- r.Header }))
	checkOutput(t, r.Invoke(context.Background(), request()), "")
	if values, ok := (<-sent)["Traceparent"]; ok {
		t.Errorf("traceparent %q is sent", values)
	}
}

func TestDeclaredHeaderWins(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.UserAgent()) })
	r, err := function.NewRegistry(function.Config{Reach: here}, []function.Declaration{
		{URN: hello, URL: server, Headers: map[string]string{"user-agent": "shop"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	checkOutput(t, r.Invoke(context.Background(), request()), "shop")
}

// TestConnectionsAreKept calls again and again, also after refusals, and counts
// the connections.
func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	var calls, connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader([]int{200, 400, 204, 500, 302}[calls.Add(1)%5])
		io.WriteString(w, `"some text"`)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	r := newRegistry(t, function.Config{}, server.URL)
	for range 50 {
		r.Invoke(context.Background(), request())
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections for 50 calls in sequence, want 1", n)
	}
	for range 5 {
		var calls sync.WaitGroup
		for range 8 {
			calls.Go(func() { r.Invoke(context.Background(), request()) })
		}
		calls.Wait()
	}
	// A connection may be begun for a call that takes one which gets free meanwhile.
	if n := connections.Load(); n > 16 {
		t.Errorf("%d connections for 40 calls, 8 at a time, want 8 or a few more", n)
	}
}

// TestConnectionClosedWhileKept has the server close a kept connection on the
// next request: the call meets it once more on a new one, under the same id.
func TestConnectionClosedWhileKept(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	server := serveRaw(t, func(conn *net.TCPConn, _ <-chan struct{}) {
		if calls.Add(1) == 2 {
			conn.Close()
			return
		}
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
	})
	r := newRegistry(t, function.Config{}, server)
	for range 3 {
		checkOutput(t, r.Invoke(context.Background(), request()), "{}")
	}
	if n := calls.Load(); n != 4 {
		t.Errorf("%d requests for 3 calls, want 4", n)
	}
}

// TestNothingSplitsRequests tries to have a declaration end a line of a request.
func TestNothingSplitsRequests(t *testing.T) {
	t.Parallel()
	for _, cut := range []string{"\r\n", "\n", "\r", "\x00", "\x7f", "\u2028"} {
		for what, d := range map[string]function.Declaration{
			"host":  {URN: hello, URL: "http://127.0.0.1" + cut + "X-Evil: 1/"},
			"path":  {URN: hello, URL: "http://127.0.0.1/a" + cut + "X-Evil: 1"},
			"name":  {URN: hello, URL: "http://127.0.0.1/", Headers: map[string]string{"X-A" + cut + "X-Evil": "1"}},
			"value": {URN: hello, URL: "http://127.0.0.1/", Headers: map[string]string{"X-A": "1" + cut + "X-Evil: 1"}},
		} {
			_, err := function.NewRegistry(function.Config{Reach: here}, []function.Declaration{d})
			if err == nil && !(what == "path" && cut == "\u2028") { // which is sent escaped
				t.Errorf("%q in the %s is taken", cut, what)
			}
		}
	}
}
