package postgres_test

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// fate is what a proxy does when a COMMIT comes by.
type fate int

const (
	pass      fate = iota
	cutBefore      // the server never sees it
	cutAfter       // the client never sees the answer
	late           // the same, and the server sees it only when the proxy lets go
)

// proxy stands between a store and the server.
type proxy struct {
	listener         net.Listener
	network, address string // of the server

	onCommit atomic.Pointer[func() fate] // nil passes all
	down     atomic.Bool                 // new connections are closed at once
	letGo    chan struct{}               // closed when late COMMITs may go on

	mu    sync.Mutex
	conns map[net.Conn]bool // guarded by mu
}

func newProxy(t *testing.T) *proxy {
	t.Helper()
	cfg, err := pgx.ParseConfig(address())
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{letGo: make(chan struct{}), conns: map[net.Conn]bool{}}
	p.network, p.address = pgconn.NetworkAddress(cfg.Host, cfg.Port)
	if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			client, err := p.listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { p.serve(client) })
		}
	})
	t.Cleanup(func() {
		p.listener.Close()
		p.cut()
		running.Wait()
	})
	return p
}

// url leads to the database through the proxy.
func (p *proxy) url(t *testing.T, d *database, settings ...string) string {
	t.Helper()
	u, err := url.Parse(d.url(append(settings, "sslmode=disable")...))
	if err != nil {
		t.Fatal(err)
	}
	u.Host = p.listener.Addr().String()
	return u.String()
}

// commits sets what happens to the COMMITs from now on.
func (p *proxy) commits(do func() fate) { p.onCommit.Store(&do) }

// cut ends all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

// keep notes a connection that cut shall end.
func (p *proxy) keep(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = true
}

// serve copies in both directions until either ends.
func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	if p.down.Load() {
		return
	}
	server, err := net.Dial(p.network, p.address)
	if err != nil {
		return
	}
	p.keep(client)
	p.keep(server)
	end := func() {
		client.Close()
		server.Close()
	}
	var mute atomic.Bool
	var answers sync.WaitGroup
	answers.Go(func() {
		defer end()
		forward(client, server, func([]byte) bool { return !mute.Load() })
	})
	forward(server, client, func(b []byte) bool {
		verdict := pass
		if do := p.onCommit.Load(); do != nil && bytes.Contains(b, []byte("COMMIT\x00")) {
			verdict = (*do)()
		}
		mute.Store(verdict == cutAfter || verdict == late)
		if verdict == late {
			client.Close()
			<-p.letGo
		}
		return verdict != cutBefore
	})
	end()
	answers.Wait()
}

// forward copies what is allowed until something is not, or a side ends.
func forward(to, from net.Conn, allowed func([]byte) bool) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if err != nil || !allowed(buf[:n]) {
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}
