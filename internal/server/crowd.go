package server

import (
	"container/list"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"heddle/internal/exchange"
)

// crowdLogged is how often it is worth a log line that connections are turned
// away.
const crowdLogged = 10 * time.Second

// crowd keeps the number of connections to a listener within a limit, and of
// those from one address within another: for one more, that which has been quiet
// for longest is closed; if all are in use, the new one is. Who keeps connections
// open in vain locks out nobody, and there are always files left for what the
// server itself has to open.
type crowd struct {
	net.Listener
	many networks // behind whose addresses are many senders: they have one limit only
	log  *slog.Logger

	mu     sync.Mutex
	all    group                   // guarded by mu
	ownMax int                     // of each of groups
	groups map[netip.Prefix]*group // of those from one address; guarded by mu
	guests map[net.Conn]*guest     // guarded by mu

	logged time.Time // owned by Accept
}

// group is a number of connections that has a limit.
type group struct {
	max    int
	guests list.List // of *guest: the quiet ones in order, the longest first, and among them those in use
	used   int       // of them
}

// guest is a connection that was let in. It is quiet while nothing is in hand for
// it, also before its first request.
type guest struct {
	conn   net.Conn
	from   netip.Prefix
	groups [2]*group        // the one of its address, and all
	places [2]*list.Element // in them
	used   bool             // it is not quiet
}

// newCrowd limits the connections of a listener, and those from one address that
// is in none of the networks.
func newCrowd(l net.Listener, most, ownMost int, many networks, log *slog.Logger) *crowd {
	return &crowd{
		Listener: l, many: many, log: log, all: group{max: most}, ownMax: ownMost,
		groups: map[netip.Prefix]*group{}, guests: map[net.Conn]*guest{},
	}
}

// Accept returns the next connection for which there is room.
func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil || c.admit(conn) {
			return conn, err
		}
		conn.Close()
		if now := time.Now(); now.Sub(c.logged) >= crowdLogged {
			c.logged = now
			c.log.Warn("connections are turned away", "from", conn.RemoteAddr(), "at_most", c.all.max, "from_one_address", c.ownMax)
		}
	}
}

// admit reports whether there is room for one more connection, if need be after
// closing another.
func (c *crowd) admit(conn net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	g := &guest{conn: conn}
	g.groups = [2]*group{c.groupOf(g), &c.all}
	for _, in := range g.groups {
		if in.guests.Len() < in.max {
			continue
		}
		other := in.longestQuiet()
		if other == nil {
			return false
		}
		c.leave(other)
		other.conn.Close()
	}
	c.guests[conn] = g
	c.groups[g.from] = g.groups[0]
	for i, in := range g.groups {
		g.places[i] = in.guests.PushBack(g)
	}
	return true
}

// groupOf finds out where a guest comes from, and returns the group of those who
// do. The caller holds mu.
func (c *crowd) groupOf(g *guest) *group {
	most := c.all.max
	if a, ok := exchange.Address(g.conn.RemoteAddr().String()); ok && !c.many.contain(a) {
		g.from, most = exchange.Neighbours(a), c.ownMax
	}
	if there := c.groups[g.from]; there != nil {
		return there
	}
	return &group{max: most}
}

// follow is told what becomes of each connection.
func (c *crowd) follow(conn net.Conn, state http.ConnState) {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	g := c.guests[conn]
	switch {
	case g == nil: // it was closed to make room
	case state == http.StateIdle:
		g.use(false)
		for i, in := range g.groups {
			in.guests.MoveToBack(g.places[i])
		}
	case state == http.StateActive:
		g.use(true)
	case state != http.StateNew:
		c.leave(g)
	}
}

// leave no longer counts a guest. The caller holds mu.
func (c *crowd) leave(g *guest) {
	g.use(false)
	for i, in := range g.groups {
		in.guests.Remove(g.places[i])
	}
	if g.groups[0].guests.Len() == 0 {
		delete(c.groups, g.from)
	}
	delete(c.guests, g.conn)
}

// use says whether a guest is in use. That is done for each request, and so moves
// nothing.
func (g *guest) use(used bool) {
	if g.used == used {
		return
	}
	g.used = used
	for _, in := range g.groups {
		if used {
			in.used++
		} else {
			in.used--
		}
	}
}

// longestQuiet returns the guest that has been quiet for longest, or nil. Those in
// use that stand before it are put behind all others, where they will go anyway
// once they are quiet.
func (g *group) longestQuiet() *guest {
	if g.used == g.guests.Len() {
		return nil
	}
	for {
		first := g.guests.Front()
		if guest := first.Value.(*guest); !guest.used {
			return guest
		}
		g.guests.MoveToBack(first)
	}
}
