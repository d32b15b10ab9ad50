package exchange_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/exchange"
)

// pipes is a listener whose connections are in memory.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, open := <-p
	if !open {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// Who is refused has his answer at once. What he sends then on the same connection
// is read a moment later; on a connection that others use as well, at once.
func TestARefusedConnectionIsSilent(t *testing.T) {
	t.Parallel()
	refusal := exchange.Refusal{Status: 503, Header: http.Header{"Retry-After": {"1"}}, Body: "too much", Many: true}
	prepared := exchange.Prepare(refusal).Refuse
	adapted := exchange.NewAdapter(exchange.Config{}, slog.New(slog.DiscardHandler)).Handler(time.Minute, func(*exchange.Exchange) exchange.Call {
		return exchange.Call{
			Answer: func(context.Context) (any, error) { return nil, errors.New("too much") },
			Refuse: func(error) exchange.Refusal { return refusal },
		}
	})
	for name, c := range map[string]struct {
		refuse http.HandlerFunc
		shared bool
		second time.Duration
	}{
		"his own":                    {prepared, false, 50 * time.Millisecond},
		"a proxy's":                  {prepared, true, 0},
		"his own, of a whole call":   {adapted, false, 50 * time.Millisecond},
		"a proxy's, of a whole call": {adapted, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				web := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if c.shared {
						r = r.WithContext(exchange.Shared(r.Context()))
					}
					c.refuse(w, r)
				})}
				listener := make(pipes)
				go web.Serve(listener)
				ours, theirs := net.Pipe()
				listener <- theirs
				begun := time.Now()
				answers := bufio.NewReader(ours)
				for n, want := range []time.Duration{0, c.second} {
					go fmt.Fprint(ours, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}")
					answer, err := http.ReadResponse(answers, nil)
					if err != nil || answer.StatusCode != 503 || answer.ContentLength != int64(len(`"too much"`)) || answer.Header.Get("Retry-After") != "1" {
						t.Fatalf("got %v, %v", answer, err)
					}
					if _, err := answers.Discard(int(answer.ContentLength)); err != nil {
						t.Fatal(err)
					}
					if took := time.Since(begun); took != want {
						t.Errorf("answer %d came after %v, want %v", n+1, took, want)
					}
				}
				ours.Close()
				close(listener)
				time.Sleep(time.Second) // the silence after the second answer
			})
		})
	}
}
