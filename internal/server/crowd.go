package server

import (
	"container/list"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// crowdLogged is how often it is worth a log line that connections are turned
// away.
const crowdLogged = 10 * time.Second

// crowd keeps the number of connections to a listener within a limit: for one
// more, that which has been idle for longest is closed; if all are in use, the
// new one is. Who keeps connections open in vain locks out nobody, and there
// are always files left for what the server itself has to open.
type crowd struct {
	net.Listener
	max int
	log *slog.Logger

	mu     sync.Mutex
	open   map[net.Conn]*list.Element // its place in idle; nil while it is in use; guarded by mu
	idle   *list.List                 // of net.Conn, the longest first; guarded by mu
	logged time.Time                  // owned by Accept
}

func newCrowd(l net.Listener, most int, log *slog.Logger) *crowd {
	return &crowd{Listener: l, max: most, log: log, open: map[net.Conn]*list.Element{}, idle: list.New()}
}

// Accept returns the next connection for which there is room.
func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil || c.makeRoom() {
			return conn, err
		}
		conn.Close()
		if now := time.Now(); now.Sub(c.logged) >= crowdLogged {
			c.logged = now
			c.log.Warn("connections are turned away", "open", c.max)
		}
	}
}

// makeRoom reports whether there is room for one more connection, if need be
// after closing another.
func (c *crowd) makeRoom() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.open) < c.max {
		return true
	}
	longest := c.idle.Front()
	if longest == nil {
		return false
	}
	conn := longest.Value.(net.Conn)
	c.forget(conn)
	conn.Close()
	return true
}

// follow is told what becomes of each connection.
func (c *crowd) follow(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, known := c.open[conn]
	switch {
	case state == http.StateNew:
		c.open[conn] = nil
	case !known: // it was closed to make room
	case state == http.StateIdle:
		c.open[conn] = c.idle.PushBack(conn)
	case state == http.StateActive:
		if place := c.open[conn]; place != nil {
			c.idle.Remove(place)
			c.open[conn] = nil
		}
	default:
		c.forget(conn)
	}
}

// forget no longer counts a connection. The caller holds mu.
func (c *crowd) forget(conn net.Conn) {
	if place := c.open[conn]; place != nil {
		c.idle.Remove(place)
	}
	delete(c.open, conn)
}
