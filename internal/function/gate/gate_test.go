//go:build linux

package gate_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"

	"heddle/internal/function/gate"
)

// inside is a network behind a gate: a stack of its own, in place of the system's.
type inside struct {
	*testing.T
	stack *stack.Stack
	gate  *gate.Gate
	deaf  *atomic.Bool // nothing comes in any more
	end   func()       // what the end of the test does
}

// behind returns a network behind a gate, which ends with the test.
func behind(t *testing.T, cfg gate.Config) *inside {
	t.Helper()
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_DGRAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	theirs, device := os.NewFile(uintptr(ends[0]), "theirs"), os.NewFile(uintptr(ends[1]), "device")
	g, err := gate.New(device, cfg)
	if err != nil {
		t.Fatal(err)
	}
	link := channel.New(256, gate.PacketBytesMax, "")
	s := stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol, udp.NewProtocol},
	})
	if err := s.CreateNIC(1, link); err != nil {
		t.Fatal(err)
	}
	own := tcpip.ProtocolAddress{Protocol: ipv4.ProtocolNumber, AddressWithPrefix: tcpip.AddrFrom4(gate.Inside4.Addr().As4()).WithPrefix()}
	if err := s.AddProtocolAddress(1, own, stack.AddressProperties{}); err != nil {
		t.Fatal(err)
	}
	s.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: 1}})

	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	var deaf atomic.Bool
	running.Go(func() { g.Run(ctx) })
	running.Go(func() { // packets out of the gate
		packet := make([]byte, gate.PacketBytesMax)
		for {
			n, err := theirs.Read(packet)
			if err != nil {
				return
			}
			if deaf.Load() {
				continue
			}
			buffered := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(packet[:n])})
			link.InjectInbound(ipv4.ProtocolNumber, buffered)
			buffered.DecRef()
		}
	})
	running.Go(func() { // and into it
		for {
			packet := link.ReadContext(ctx)
			if packet == nil {
				return
			}
			theirs.Write(packet.ToView().AsSlice())
			packet.DecRef()
		}
	})
	end := sync.OnceFunc(func() {
		cancel()
		theirs.Close()
		running.Wait()
		s.Destroy()
	})
	t.Cleanup(end)
	return &inside{t, s, g, &deaf, end}
}

func full(address string) tcpip.FullAddress {
	a := netip.MustParseAddrPort(address)
	return tcpip.FullAddress{NIC: 1, Addr: tcpip.AddrFrom4(a.Addr().As4()), Port: a.Port()}
}

func (n *inside) dial(address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	c, err := gonet.DialContextTCP(ctx, n.stack, full(address), ipv4.ProtocolNumber)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// echo serves what is connected to until it is closed.
func echo(c net.Conn) {
	io.Copy(c, c)
	c.Close()
}

var errNot = errors.New("not there")

// only lets one address be reached, where there is an echo.
func only(allowed string) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(_ context.Context, network, address string) (net.Conn, error) {
		if network+" "+address != allowed {
			return nil, errNot
		}
		ours, theirs := net.Pipe()
		go echo(theirs)
		return ours, nil
	}
}

func TestConnections(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	refused := map[string]error{}
	n := behind(t, gate.Config{Dial: only("tcp 198.51.100.1:80"), Refused: func(address string, err error) {
		mu.Lock()
		defer mu.Unlock()
		refused[address] = err
	}})
	c, err := n.dial("198.51.100.1:80")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	roundTrip(t, c)
	for _, address := range []string{"198.51.100.1:81", "192.0.0.1:80", "192.0.0.3:53"} {
		if c, err := n.dial(address); err == nil {
			c.Close()
			t.Errorf("there is a connection to %s", address)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if !errors.Is(refused["198.51.100.1:81"], errNot) || refused["192.0.0.1:80"] != nil {
		t.Errorf("it was told of %v", refused)
	}
}

func roundTrip(t *testing.T, c net.Conn) {
	t.Helper()
	c.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.WriteString(c, "hello"); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 5)
	if _, err := io.ReadFull(c, answer); err != nil || string(answer) != "hello" {
		t.Errorf("got %q, %v", answer, err)
	}
}

// TestConnectionsAreCounted opens as many as may be, and one more; then one ends.
func TestConnectionsAreCounted(t *testing.T) {
	t.Parallel()
	n := behind(t, gate.Config{Dial: only("tcp 198.51.100.1:80")})
	var all []net.Conn
	for {
		c, err := n.dial("198.51.100.1:80")
		if err != nil {
			break
		}
		defer c.Close()
		if all = append(all, c); len(all) > 1_000 {
			t.Fatal("there is no end to them")
		}
	}
	if len(all) != 128 {
		t.Errorf("there were %d", len(all))
	}
	all[0].Close()
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		c, err := n.dial("198.51.100.1:80")
		if err == nil {
			c.Close()
			break
		}
		if time.Now().After(until) {
			t.Fatal("none is free")
		}
	}
}

// TestAnEndInTheMiddle ends a gate while a connection is being made: to somebody
// outside, and to a program that does not answer any more.
func TestAnEndInTheMiddle(t *testing.T) {
	t.Parallel()
	for _, outside := range []bool{true, false} {
		asked := make(chan struct{}, 1)
		var n *inside
		n = behind(t, gate.Config{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			n.deaf.Store(true)
			asked <- struct{}{}
			if outside {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return only("tcp 198.51.100.1:80")(ctx, network, address)
		}})
		go n.dial("198.51.100.1:80") // which ends by itself
		<-asked
		ended := make(chan struct{})
		go func() { defer close(ended); n.end() }()
		select {
		case <-ended:
		case <-time.After(time.Minute): // the stack would give up after two
			t.Errorf("outside %v: the gate does not end", outside)
			<-ended
		}
	}
}

func TestDatagrams(t *testing.T) {
	t.Parallel()
	n := behind(t, gate.Config{Dial: only("udp 198.51.100.1:53")})
	talk := func(address string) net.Conn {
		to := full(address)
		c, err := gonet.DialUDP(n.stack, nil, &to, ipv4.ProtocolNumber)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	silent := talk("198.51.100.2:53")
	if _, err := io.WriteString(silent, "hello"); err != nil {
		t.Fatal(err)
	}
	roundTrip(t, talk("198.51.100.1:53")) // by then the gate has seen both
	silent.SetReadDeadline(time.Now())
	if n, err := silent.Read(make([]byte, 5)); err == nil {
		t.Errorf("got %d bytes", n)
	}
}

// TestInward has the gate connect to who listens inside, and be connected to.
func TestInward(t *testing.T) {
	t.Parallel()
	n := behind(t, gate.Config{Dial: only("")})
	listener, err := gonet.ListenTCP(n.stack, full(netip.AddrPortFrom(gate.Inside4.Addr(), 8000).String()), ipv4.ProtocolNumber)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		if c, err := listener.Accept(); err == nil {
			echo(c)
		}
	}()
	c, err := n.gate.Dial(context.Background(), netip.AddrPortFrom(gate.Inside4.Addr(), 8000))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	roundTrip(t, c)

	serving, err := n.gate.Listen(9001)
	if err != nil {
		t.Fatal(err)
	}
	defer serving.Close()
	go func() {
		if c, err := serving.Accept(); err == nil {
			echo(c)
		}
	}()
	back, err := n.dial(netip.AddrPortFrom(gate.Here, 9001).String())
	if err != nil {
		t.Fatal(err)
	}
	defer back.Close()
	roundTrip(t, back)
}
