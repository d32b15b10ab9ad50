package gate

import (
	"context"
	"io"
	"net"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// connect makes a connection outside before it takes the one from inside: a
// program learns of a refusal by one.
func (g *Gate) connect(ctx context.Context, r *tcp.ForwarderRequest) {
	select {
	case g.connections <- struct{}{}:
	default:
		r.Complete(true)
		return
	}
	defer func() { <-g.connections }()
	outside, err := g.dial(ctx, "tcp", target(r.ID()))
	if err != nil {
		r.Complete(true)
		return
	}
	defer outside.Close()
	inside := accept(ctx, r)
	if inside == nil {
		return
	}
	defer inside.Close()
	defer context.AfterFunc(ctx, func() { outside.Close(); inside.Close() })()
	var both sync.WaitGroup
	both.Go(func() { pass(outside, inside) })
	both.Go(func() { pass(inside, outside) })
	both.Wait()
}

// accept takes a connection from inside, or returns nil. A stack that is ended just
// as this begins goes on asking for the program's part for a while: the end of ctx
// does not wait for that.
func accept(ctx context.Context, r *tcp.ForwarderRequest) net.Conn {
	accepted := make(chan net.Conn)
	go func() {
		var queue waiter.Queue
		endpoint, failed := r.CreateEndpoint(&queue)
		r.Complete(failed != nil)
		var inside net.Conn
		if failed == nil {
			inside = gonet.NewTCPConn(&queue, endpoint)
		}
		select {
		case accepted <- inside:
		case <-ctx.Done():
			if inside != nil {
				inside.Close()
			}
		}
	}()
	select {
	case inside := <-accepted:
		return inside
	case <-ctx.Done():
		return nil
	}
}

// pass copies what comes from one side to the other. That one side has said all
// does not end what the other has to say, but a fault ends both.
func pass(to, from net.Conn) {
	half, ok := to.(interface{ CloseWrite() error })
	if _, err := io.Copy(to, from); err != nil || !ok {
		to.Close()
		from.Close()
		return
	}
	half.CloseWrite()
}

// silence is how long who is spoken to by datagrams may say nothing, and not be
// spoken to.
const silence = time.Minute

// exchange begins to pass on datagrams. It reports whether there is anybody.
func (g *Gate) exchange(ctx context.Context, r *udp.ForwarderRequest) bool {
	select {
	case g.datagrams <- struct{}{}:
	default:
		return true // lost, as datagrams may be
	}
	outside, err := g.dial(ctx, "udp", target(r.ID()))
	if err != nil {
		<-g.datagrams
		return false
	}
	var queue waiter.Queue
	endpoint, failed := r.CreateEndpoint(&queue)
	if failed != nil {
		outside.Close()
		<-g.datagrams
		return true
	}
	inside := gonet.NewUDPConn(&queue, endpoint)
	go func() {
		defer func() { <-g.datagrams }()
		defer context.AfterFunc(ctx, func() { outside.Close(); inside.Close() })()
		var both sync.WaitGroup
		both.Go(func() { hand(outside, inside) })
		both.Go(func() { hand(inside, outside) })
		both.Wait()
	}()
	return true
}

// hand passes on datagrams until there has been silence, and then ends both sides.
func hand(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	datagram := make([]byte, PacketBytesMax)
	for {
		until := time.Now().Add(silence)
		from.SetReadDeadline(until)
		n, err := from.Read(datagram)
		if err != nil {
			return
		}
		to.SetReadDeadline(until) // it is not forgotten as long as it is asked
		if _, err := to.Write(datagram[:n]); err != nil {
			return
		}
	}
}
