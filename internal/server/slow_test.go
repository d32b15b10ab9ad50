package server_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"heddle/internal/server"
)

// Clients that keep the server waiting are cut off, however many there are and
// wherever in a request they stop or dawdle; others are served meanwhile.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	const moment, crowd = 200 * time.Millisecond, 40 // of each kind
	r := runAs(t, configFor(t.TempDir()), func(s *server.Server, ctx context.Context) error {
		s.Hurry(moment)
		return s.Run(ctx)
	})
	const head = "POST " + graphs + " HTTP/1.1\r\nHost: localhost\r\n"
	var clients sync.WaitGroup
	for name, c := range map[string]struct {
		at   string // what is sent at once
		then string // what is sent byte by byte, again and again
	}{
		"silence":                 {"", ""},
		"a header that stops":     {head, ""},
		"a header that dawdles":   {head, "X-A: b\r\n"},
		"a body that stops":       {head + "Content-Length: 1000\r\n\r\n{", ""},
		"a body that dawdles":     {head + "Content-Length: 100000\r\n\r\n{", " "},
		"no request after one":    {"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", ""},
		"half a request after it": {"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hea", ""},
	} {
		for range crowd {
			clients.Go(func() {
				conn, err := net.Dial("tcp", strings.TrimPrefix(r.base, "http://"))
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				conn.SetDeadline(time.Now().Add(30 * time.Second))
				io.WriteString(conn, c.at)
				go func() {
					for c.then != "" {
						for _, b := range []byte(c.then) {
							if _, err := conn.Write([]byte{b}); err != nil {
								return
							}
							time.Sleep(moment / 10)
						}
					}
				}()
				if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("%s: the connection stayed open", name)
				}
			})
		}
	}
	done := make(chan struct{})
	go func() { clients.Wait(); close(done) }()
	for served := 0; ; served++ {
		if a := r.call("GET", graphs, ""); a.status != http.StatusOK {
			t.Fatalf("another client gets %d %v", a.status, a.fields)
		}
		select {
		case <-done:
			t.Logf("%d calls were answered meanwhile", served)
			return
		default:
		}
	}
}

// An answer that is not taken is given up, and what it held with it.
func TestAnswersThatAreNotTaken(t *testing.T) {
	t.Parallel()
	const moment, requests = 200 * time.Millisecond, 400
	closed := make(chan struct{})
	r := runAs(t, configFor(t.TempDir()), func(s *server.Server, ctx context.Context) error {
		s.Hurry(moment)
		return s.Run(ctx)
	})
	graph := r.createGraph("pass", pass)
	started := r.call("POST", graph+"/executions/action",
		`{"action_type":"start","executions":{"execution_name":"x","input":"[`+strings.Repeat("1,", 15_000)+`1]"}}`)
	history := graphs + "/executions/" + started.fields["execution_urn"].(string) + "/history?limit=1000"
	conn := r.dial()
	go func() { // it ends when the server does not read any more, and then has gone
		defer close(closed)
		for range requests {
			if _, err := io.WriteString(conn, "GET "+history+" HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
				return
			}
		}
		for {
			if _, err := io.WriteString(conn, "GET "); err != nil {
				return
			}
			time.Sleep(moment / 10)
		}
	}()
	select {
	case <-closed:
	case <-time.After(30 * time.Second):
		t.Error("the connection stayed open")
	}
}
