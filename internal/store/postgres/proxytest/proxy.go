// Package proxytest stands between a PostgreSQL store and its server, for
// tests: it decides what becomes of a COMMIT, cuts connections off, keeps them
// from being made, or lets nothing through for a while.
//
// It knows as much of the protocol as it takes to see a COMMIT pass.
package proxytest

import (
	"bytes"
	"net"
	"sync"
	"sync/atomic"
)

// Fate is what becomes of a COMMIT. Unless it passes, its connection ends.
type Fate int

// The fates of a COMMIT.
const (
	Pass      Fate = iota
	CutBefore      // the server never sees it
	CutAfter       // the client never sees the answer
	Late           // the client sees the end of the connection, and the server the COMMIT after LetGo
)

// Proxy is a proxy on a loopback address. Its methods may be called from any
// goroutine.
type Proxy struct {
	listener         net.Listener
	network, address string // of the server
	running          sync.WaitGroup

	onCommit atomic.Pointer[func() Fate] // nil passes all
	down     atomic.Bool                 // new connections are closed at once

	mu    sync.Mutex
	conns map[net.Conn]bool // guarded by mu
	held  chan struct{}     // late COMMITs wait until it is closed; guarded by mu
	stuck chan struct{}     // all bytes wait until it is closed; nil: they pass; guarded by mu
}

// New returns a proxy for the server at a network address, which runs until Close.
func New(network, address string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{
		listener: l, network: network, address: address,
		conns: map[net.Conn]bool{}, held: make(chan struct{}),
	}
	p.running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			p.running.Go(func() { p.serve(client) })
		}
	})
	return p, nil
}

// Addr returns the address on which the proxy listens.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Close ends the proxy and all connections through it.
func (p *Proxy) Close() {
	p.listener.Close()
	p.Hang(false)
	p.LetGo()
	p.Cut()
	p.running.Wait()
}

// Commits has a function decide what becomes of each COMMIT from now on.
func (p *Proxy) Commits(do func() Fate) { p.onCommit.Store(&do) }

// SetDown says whether new connections are closed at once.
func (p *Proxy) SetDown(down bool) { p.down.Store(down) }

// Cut ends all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
	clear(p.conns)
}

// LetGo brings to the server the COMMITs that are late by now.
func (p *Proxy) LetGo() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.held)
	p.held = make(chan struct{})
}

// Hang says whether bytes are held back, in both directions. No connection ends
// by that; what was held back arrives afterwards.
func (p *Proxy) Hang(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case on && p.stuck == nil:
		p.stuck = make(chan struct{})
	case !on && p.stuck != nil:
		close(p.stuck)
		p.stuck = nil
	}
}

// lateNow returns what is closed when a COMMIT that is late now may go on.
func (p *Proxy) lateNow() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held
}

// pass waits while bytes are held back.
func (p *Proxy) pass() {
	p.mu.Lock()
	stuck := p.stuck
	p.mu.Unlock()
	if stuck != nil {
		<-stuck
	}
}

// keep notes a connection that Cut shall end.
func (p *Proxy) keep(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = true
}

// serve copies in both directions until either ends.
func (p *Proxy) serve(client net.Conn) {
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
		p.forward(client, server, func([]byte) bool { return !mute.Load() })
	})
	p.forward(server, client, func(b []byte) bool {
		verdict := Pass
		if do := p.onCommit.Load(); do != nil && bytes.Contains(b, []byte("COMMIT\x00")) {
			verdict = (*do)()
		}
		mute.Store(verdict == CutAfter || verdict == Late)
		if verdict == Late {
			late := p.lateNow()
			client.Close()
			<-late
		}
		return verdict != CutBefore
	})
	end()
	answers.Wait()
}

// forward copies what is allowed until something is not, or a side ends.
func (p *Proxy) forward(to, from net.Conn, allowed func([]byte) bool) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if err != nil || !allowed(buf[:n]) {
			return
		}
		p.pass()
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}
