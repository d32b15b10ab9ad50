package function_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"heddle/internal/function"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		status, _ := strconv.Atoi(r.Header.Get("X-Heddle-State"))
		w.WriteHeader(status)
		if status >= 300 && status != http.StatusNotModified {
			io.WriteString(w, "because")
		}
	})
	r := newRegistry(t, function.Config{}, url)
	names := map[int]string{
		400: function.ParameterError,
		401: function.PermissionError,
		403: function.PermissionError,
		404: function.NotFound,
		429: function.TooManyRequests,
		500: function.ActionFailed,
		502: function.FunctionStageUnavailable,
		503: function.FunctionStageUnavailable,
		504: function.FunctionStageUnavailable,
	}
	for status := 200; status < 600; status++ {
		call := request()
		call.State = strconv.Itoa(status)
		got := r.Invoke(context.Background(), call)
		switch {
		case status < 300:
			checkOutput(t, got, "")
		case names[status] != "":
			checkFailure(t, got, names[status])
		default:
			checkFailure(t, got, function.FunctionStageOtherErrors)
		}
		if status >= 300 && !strings.Contains(got.Failure.Message, call.State) {
			t.Errorf("message %q, want one that says %d", got.Failure.Message, status)
		}
	}
}

// ok begins an answer of a raw server.
const ok = "HTTP/1.1 200 OK\r\n"

// TestAnswer meets servers that hold the protocol, and such that do not.
func TestAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer  string
		output  string
		failure string
	}{
		"whole":                   {answer: ok + "Content-Length: 7\r\n\r\n{\"a\":1}", output: `{"a":1}`},
		"chunked":                 {answer: ok + "Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n", output: `{"a":1}`},
		"until the end":           {answer: ok + "Connection: close\r\n\r\n[]", output: `[]`},
		"not JSON":                {answer: ok + "Content-Length: 4\r\n\r\n\xffabc", output: "\xffabc"},
		"compressed":              {answer: ok + "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08", output: "\x1f\x8b\x08"},
		"after information":       {answer: "HTTP/1.1 103 Early Hints\r\n\r\n" + ok + "Content-Length: 2\r\n\r\n{}", output: "{}"},
		"no content":              {answer: "HTTP/1.1 204 No Content\r\n\r\n"},
		"nothing":                 {failure: function.FunctionStageOtherErrors},
		"garbage":                 {answer: "SSH-2.0-OpenSSH_9.2\r\n", failure: function.FunctionStageOtherErrors},
		"header cut off":          {answer: ok + "Content-Le", failure: function.FunctionStageOtherErrors},
		"header malformed":        {answer: ok + "no colon\r\n\r\n", failure: function.FunctionStageOtherErrors},
		"header of 1 MB":          {answer: ok + "X: " + strings.Repeat("x", 1<<20) + "\r\n\r\n", failure: function.FunctionStageOtherErrors},
		"length malformed":        {answer: ok + "Content-Length: +2\r\n\r\n{}", failure: function.FunctionStageOtherErrors},
		"shorter than its length": {answer: ok + "Content-Length: 8\r\n\r\n{\"a\":1}", failure: function.FunctionStageOtherErrors},
		"chunk malformed":         {answer: ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}", failure: function.FunctionStageOtherErrors},
		"chunk cut off":           {answer: ok + "Transfer-Encoding: chunked\r\n\r\n7\r\n{\"a", failure: function.FunctionStageOtherErrors},
		"refusal cut off":         {answer: "HTTP/1.1 400 Bad Request\r\nContent-Length: 9\r\n\r\nno", failure: function.ParameterError},
		"another protocol":        {answer: "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", failure: function.FunctionStageOtherErrors},
		"redirect":                {answer: "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", failure: function.FunctionStageOtherErrors},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := serveRaw(t, func(conn *net.TCPConn, _ <-chan struct{}) {
				io.WriteString(conn, c.answer)
				conn.CloseWrite()
			})
			got := newRegistry(t, function.Config{}, url).Invoke(context.Background(), request())
			if c.failure != "" {
				checkFailure(t, got, c.failure)
			} else {
				checkOutput(t, got, c.output)
			}
		})
	}
}

func TestConnectionReset(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"before the answer": "",
		"in the header":     ok + "Content-",
		"in the body":       ok + "Content-Length: 8\r\n\r\n{\"a\"",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := serveRaw(t, func(conn *net.TCPConn, _ <-chan struct{}) {
				io.WriteString(conn, answer)
				conn.SetLinger(0) // closing resets
				conn.Close()
			})
			got := newRegistry(t, function.Config{}, url).Invoke(context.Background(), request())
			checkFailure(t, got, function.FunctionStageOtherErrors)
		})
	}
}

func TestNoConnection(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	for name, url := range map[string]string{
		"refused":       "http://" + listener.Addr().String(),
		"refused TLS":   "https://" + listener.Addr().String(),
		"no such host":  "http://no..such", // refused by the resolver without asking anyone
		"TLS untrusted": untrusted.URL,
		"TLS to plain":  strings.Replace(serve(t, http.NotFound), "http", "https", 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRegistry(t, function.Config{}, url+"/?code=secret")
			got := r.Invoke(context.Background(), request())
			checkFailure(t, got, function.FunctionStageUnavailable)
			if strings.Contains(got.Failure.Message, "secret") {
				t.Errorf("message %q tells the query", got.Failure.Message)
			}
		})
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Proto)
	}))
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	r := newRegistry(t, function.Config{RootCAs: roots}, server.URL)
	checkOutput(t, r.Invoke(context.Background(), request()), "HTTP/1.1")
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"before the answer": "",
		"in the header":     ok + "Content-",
		"in the body":       ok + "Content-Length: 8\r\n\r\n{\"a\"",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := serveRaw(t, func(conn *net.TCPConn, ended <-chan struct{}) {
				io.WriteString(conn, answer)
				<-ended
			})
			call := request()
			call.Timeout = 50 * time.Millisecond
			got := newRegistry(t, function.Config{}, url).Invoke(context.Background(), call)
			checkFailure(t, got, function.Timeout)
			if !strings.Contains(got.Failure.Message, "50ms") {
				t.Errorf("message %q, want one that says 50ms", got.Failure.Message)
			}
		})
	}
}

func TestCancellation(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"before the answer": "",
		"in the body":       ok + "Content-Length: 8\r\n\r\n{\"a\"",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(context.Background())
			url := serveRaw(t, func(conn *net.TCPConn, ended <-chan struct{}) {
				io.WriteString(conn, answer)
				cancel()
				<-ended
			})
			got := newRegistry(t, function.Config{}, url).Invoke(ctx, request())
			checkFailure(t, got, function.FunctionStageOtherErrors)
		})
	}
}

func TestResultLimit(t *testing.T) {
	t.Parallel()
	const limit = 1000
	for name, c := range map[string]struct {
		length  int
		chunked bool
		fits    bool
	}{
		"at the limit":          {length: limit, fits: true},
		"at the limit, chunked": {length: limit, chunked: true, fits: true},
		"beyond":                {length: limit + 1},
		"beyond, chunked":       {length: limit + 1, chunked: true},
		"far beyond":            {length: 10 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := strings.Repeat("7", c.length)
			url := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if !c.chunked {
					w.Header().Set("Content-Length", strconv.Itoa(len(body)))
				}
				w.(http.Flusher).Flush()
				io.WriteString(w, body)
			})
			got := newRegistry(t, function.Config{ResultBytes: limit}, url).Invoke(context.Background(), request())
			if c.fits {
				checkOutput(t, got, body)
				return
			}
			checkFailure(t, got, function.ActionFailed)
			if !strings.Contains(got.Failure.Message, "1000 bytes") {
				t.Errorf("message %q, want one that names the limit", got.Failure.Message)
			}
		})
	}
}

// TestEndlessBody reads no more than the limit of an answer that never ends.
func TestEndlessBody(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		http.StatusOK:                 function.ActionFailed,
		http.StatusServiceUnavailable: function.FunctionStageUnavailable,
	} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			url := serveRaw(t, func(conn *net.TCPConn, _ <-chan struct{}) {
				fmt.Fprintf(conn, "HTTP/1.1 %d X\r\n\r\n", status)
				for {
					if _, err := io.WriteString(conn, strings.Repeat("7", 4096)); err != nil {
						return
					}
				}
			})
			checkFailure(t, newRegistry(t, function.Config{}, url).Invoke(context.Background(), request()), want)
		})
	}
}

// TestMessage shows what a person gets to see of a refusal.
func TestMessage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, want string }{
		"nothing":           {"", "the function answered 400 Bad Request"},
		"text":              {"no such order", "the function answered 400 Bad Request: no such order"},
		"lines":             {"\r\n a\tb\r\n\r\nc\x00\n", "the function answered 400 Bad Request: a b c"},
		"terminal controls": {"\x1b[31mred\u202e", "the function answered 400 Bad Request: [31mred"},
		"broken UTF-8":      {"a\xffb", "the function answered 400 Bad Request: a b"},
		"200 characters":    {strings.Repeat("订", 200), "the function answered 400 Bad Request: " + strings.Repeat("订", 200)},
		"longer":            {strings.Repeat("订", 201), "the function answered 400 Bad Request: " + strings.Repeat("订", 200) + "…"},
		"much longer":       {strings.Repeat("订", 1<<20), "the function answered 400 Bad Request: " + strings.Repeat("订", 200) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Secret", "header")
				w.WriteHeader(http.StatusBadRequest)
				io.WriteString(w, c.body)
			})
			got := newRegistry(t, function.Config{}, url).Invoke(context.Background(), request())
			checkFailure(t, got, function.ParameterError)
			if got.Failure.Message != c.want {
				t.Errorf("message\n%q, want\n%q", got.Failure.Message, c.want)
			}
			if !utf8.ValidString(got.Failure.Message) {
				t.Errorf("message %q is not UTF-8", got.Failure.Message)
			}
		})
	}
}
