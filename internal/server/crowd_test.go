package server

import (
	"bufio"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"testing"
)

// visitor is a client's connection.
type visitor struct {
	net.Conn
	t *testing.T
}

func (v visitor) ask(path string) {
	// If the server has closed the connection, there is no answer either.
	fmt.Fprintf(v, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path)
}

// answer returns the status of an answer, or 0 if the connection was closed.
func (v visitor) answer() int {
	v.t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(v), nil)
	if err != nil {
		return 0
	}
	response.Body.Close()
	return response.StatusCode
}

// TestCrowd opens more connections than there is room for: those that are idle
// give way, those in use do not.
func TestCrowd(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	held, release := make(chan struct{}), make(chan struct{})
	doors := newCrowd(listener, 3, slog.New(slog.DiscardHandler))
	web := http.Server{ConnState: doors.follow, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hold" {
			held <- struct{}{}
			<-release
		}
	})}
	go web.Serve(doors)
	defer web.Close()
	visit := func(path string) visitor {
		t.Helper()
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		v := visitor{conn, t}
		v.ask(path)
		return v
	}

	busy := []visitor{visit("/hold"), visit("/hold")}
	<-held
	<-held
	idle := visit("/")
	if got := idle.answer(); got != http.StatusOK {
		t.Fatalf("the third is answered %d", got)
	}
	for range 5 {
		next := visit("/")
		for next.answer() != http.StatusOK { // until the server knows that another is idle
			next = visit("/")
		}
		idle.ask("/")
		if got := idle.answer(); got != 0 {
			t.Fatalf("the idle one is answered %d although it gave way", got)
		}
		idle = next
	}
	busy = append(busy, visit("/hold"))
	<-held
	if got := visit("/").answer(); got != 0 {
		t.Errorf("one too many is answered %d", got)
	}
	close(release)
	for _, v := range busy {
		if got := v.answer(); got != http.StatusOK {
			t.Errorf("one in use is answered %d", got)
		}
	}
}
