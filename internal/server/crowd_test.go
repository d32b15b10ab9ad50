package server

import (
	"bufio"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
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
	doors := newCrowd(listener, 3, 3, nil, slog.New(slog.DiscardHandler))
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

// stub is a connection from somewhere that knows only whether it was closed.
type stub struct {
	net.Conn
	from   string
	closed bool
}

func (s *stub) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(s.from)) }

func (s *stub) Close() error {
	s.closed = true
	return nil
}

// TestOneAddress fills the room of one address: others are let in all the same,
// and of its own connections the one that has been quiet for longest gives way.
func TestOneAddress(t *testing.T) {
	t.Parallel()
	trusted := networks{netip.MustParsePrefix("10.0.0.0/8")}
	doors := newCrowd(nil, 8, 2, trusted, slog.New(slog.DiscardHandler))
	visit := func(from string, state http.ConnState) *stub {
		t.Helper()
		s := &stub{from: from}
		if !doors.admit(s) {
			s.Close()
		}
		doors.follow(s, http.StateNew)
		doors.follow(s, state)
		return s
	}
	first := visit("192.0.2.1:1", http.StateNew)
	second := visit("192.0.2.1:2", http.StateIdle)
	third := visit("192.0.2.1:3", http.StateActive)
	fourth := visit("192.0.2.1:4", http.StateActive)
	if !first.closed || !second.closed || third.closed || fourth.closed {
		t.Error("those that are quiet did not give way in their order")
	}
	if fifth := visit("192.0.2.1:5", http.StateActive); !fifth.closed || third.closed || fourth.closed {
		t.Error("the new one should be closed: the others are in use")
	}
	if other := visit("192.0.2.2:1", http.StateActive); other.closed {
		t.Error("another address is not let in")
	}
	// Of IPv6 a network /64 counts as one address.
	near, next := visit("[2001:db8::1]:1", http.StateActive), visit("[2001:db8::2]:1", http.StateActive)
	if far := visit("[2001:db8::3:0:1]:1", http.StateActive); near.closed || next.closed || !far.closed {
		t.Error("the addresses of one network count apart")
	}
	if elsewhere := visit("[2001:db8:1::1]:1", http.StateActive); elsewhere.closed {
		t.Error("another network is not let in")
	}
	doors.follow(near, http.StateClosed)
	doors.follow(next, http.StateClosed)
	for range 3 { // behind a trusted address are many
		if proxied := visit("10.0.0.1:1", http.StateActive); proxied.closed {
			t.Error("a trusted address has no room")
		}
	}
	if n := len(doors.guests); n != 7 {
		t.Errorf("there are %d, want 7", n)
	}
	for conn := range doors.guests {
		doors.follow(conn, http.StateClosed)
	}
	if len(doors.groups) != 0 || doors.all.guests.Len() != 0 || doors.all.used != 0 {
		t.Errorf("of nobody there remain %v and %+v", doors.groups, doors.all)
	}
}
