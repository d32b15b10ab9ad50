package function_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"heddle/internal/function"
)

func asyncRequest() function.Request {
	r := request()
	r.Async = true
	return r
}

// TestAsyncDoesNotWait calls a function that answers only after the call has
// returned.
func TestAsyncDoesNotWait(t *testing.T) {
	t.Parallel()
	returned, answered := make(chan struct{}), make(chan string, 1)
	r := newRegistry(t, function.Config{Reach: here, DrainDuration: time.Minute}, serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		<-returned
		io.WriteString(w, `"nobody reads this"`)
		answered <- string(body)
	}))
	checkOutput(t, r.Invoke(context.Background(), asyncRequest()), "")
	close(returned)
	if got, want := <-answered, request().Input; got != want {
		t.Errorf("the function got %q, want %q", got, want)
	}
}

// TestAsyncIgnoresTheAnswer: what was handed over has succeeded.
func TestAsyncIgnoresTheAnswer(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"refusal":          "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\nno",
		"endless":          ok + "\r\n" + strings.Repeat("7", 1<<20),
		"another protocol": "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := serveRaw(t, func(conn *net.TCPConn, _ <-chan struct{}) {
				io.WriteString(conn, answer)
				conn.Close()
			})
			r := newRegistry(t, function.Config{}, url)
			checkOutput(t, r.Invoke(context.Background(), asyncRequest()), "")
		})
	}
}

func TestAsyncFailsIfNotHandedOver(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	r := newRegistry(t, function.Config{}, "http://"+listener.Addr().String())
	checkFailure(t, r.Invoke(context.Background(), asyncRequest()), function.FunctionStageUnavailable)
}

// TestAsyncSlots fills the one slot with a call whose answer does not come.
func TestAsyncSlots(t *testing.T) {
	t.Parallel()
	url := serveRaw(t, func(_ *net.TCPConn, ended <-chan struct{}) { <-ended })
	r := newRegistry(t, function.Config{CallsMax: 1}, url)
	checkOutput(t, r.Invoke(context.Background(), asyncRequest()), "")

	second := asyncRequest()
	second.Timeout = 50 * time.Millisecond
	checkFailure(t, r.Invoke(context.Background(), second), function.Timeout)

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	checkFailure(t, r.Invoke(ctx, asyncRequest()), function.FunctionStageOtherErrors)
}

// TestAsyncTimeoutFreesTheSlot: an answer is awaited no longer than the timeout.
func TestAsyncTimeoutFreesTheSlot(t *testing.T) {
	t.Parallel()
	url := serveRaw(t, func(_ *net.TCPConn, ended <-chan struct{}) { <-ended })
	r := newRegistry(t, function.Config{CallsMax: 1}, url)
	first := asyncRequest()
	first.Timeout = 200 * time.Millisecond
	checkOutput(t, r.Invoke(context.Background(), first), "")
	checkOutput(t, r.Invoke(context.Background(), asyncRequest()), "")
}

// TestRunWaitsForAnswers ends Run while an answer is due: Run returns once it
// is in.
func TestRunWaitsForAnswers(t *testing.T) {
	t.Parallel()
	answer, cut := make(chan struct{}), make(chan bool, 1)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		<-answer
		cut <- r.Context().Err() != nil
	})
	r, err := function.NewRegistry(function.Config{Reach: here, DrainDuration: time.Minute}, []function.Declaration{{URN: hello, URL: url}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	checkOutput(t, r.Invoke(context.Background(), asyncRequest()), "")
	cancel()
	select {
	case <-done:
		t.Fatal("Run returned before the answer")
	default:
	}
	close(answer)
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
	if <-cut {
		t.Error("the call was cut off before its answer")
	}
}

// TestRunDoesNotWaitForEver ends Run while a function does not answer.
func TestRunDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	url := serveRaw(t, func(_ *net.TCPConn, ended <-chan struct{}) { <-ended })
	r, err := function.NewRegistry(function.Config{Reach: here, DrainDuration: 10 * time.Millisecond}, []function.Declaration{{URN: hello, URL: url}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	checkOutput(t, r.Invoke(context.Background(), asyncRequest()), "")
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
}
