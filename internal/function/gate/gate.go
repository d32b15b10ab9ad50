// Package gate is the way out of a network that has none of its own. The network
// has one device; a Gate is what is at the other end of it: a TCP/IP stack in this
// process. Whatever a program in there wants to connect to, the gate connects to in
// its place, if that may be, and passes on what is said.
//
// So the system needs no address, route or filter for such a network, and what may
// be reached is decided for each connection, in one place, by whoever makes it. The
// loopback interface of the machine is none of what is out there.
//
// The package knows connections and not who asks for them.
package gate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"gvisor.dev/gvisor/pkg/log"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
)

// The addresses inside. 192.0.0.0/29 (RFC 7335) is nobody's address outside.
var (
	Inside4 = netip.MustParsePrefix("192.0.0.2/29") // of the device
	Inside6 = netip.MustParsePrefix("fd48:6564:646c:6500::2/64")
	Here    = netip.MustParseAddr("192.0.0.1") // of the gate
	here6   = netip.MustParseAddr("fd48:6564:646c:6500::1")
	names   = netip.MustParseAddr("192.0.0.3") // the first of NamesMax, of name servers
)

const (
	// NamesMax is how many name servers the resolver of the C library asks.
	NamesMax = 3
	// PacketBytesMax is the size of the device's packets.
	PacketBytesMax = 9_000
	namesPort      = 53
	device         = tcpip.NICID(1)
	packetsMax     = 256 // on their way in

	// connectionsMax bounds what a program takes of this process's descriptors;
	// beyond them connections are refused.
	connectionsMax = 128
	// datagramsMax bounds likewise who is spoken to by datagrams at a time.
	datagramsMax  = 64
	connectingMax = 64
	// bufferBytes bounds what a connection holds on its way in either direction:
	// memory of this process that a program fills.
	bufferBytes = 64 << 10
	// remembered is how long a connection is that has ended: nothing is lost or
	// delayed on the way to the same machine.
	remembered = time.Second
)

// Config says what is outside.
type Config struct {
	// Dial makes a connection for a program, or refuses to. The address is an IP
	// address with a port, the network tcp or udp.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Names are the name servers that programs may ask, whatever Dial says of them.
	Names []netip.AddrPort
	// Refused is told why a connection was not made; nil for nobody.
	Refused func(address string, err error)
}

// Gate is at the other end of a device.
type Gate struct {
	cfg         Config
	device      *os.File
	link        *channel.Endpoint
	stack       *stack.Stack
	connections chan struct{} // holds one token for each
	datagrams   chan struct{} // likewise
}

// New returns a gate at the other end of a device, which it closes when Run ends.
func New(tun *os.File, cfg Config) (*Gate, error) {
	g := &Gate{
		cfg: cfg, device: tun, link: channel.New(packetsMax, PacketBytesMax, ""),
		stack: stack.New(stack.Options{
			NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocolWithOptions(ipv4.Options{AllowExternalLoopbackTraffic: true}), ipv6.NewProtocol},
			TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol, udp.NewProtocol},
		}),
		connections: make(chan struct{}, connectionsMax),
		datagrams:   make(chan struct{}, datagramsMax),
	}
	s := g.stack
	log.SetLevel(log.Warning) // what programs send is no matter for this process's output
	received := tcpip.TCPReceiveBufferSizeRangeOption{Min: bufferBytes, Default: bufferBytes, Max: bufferBytes}
	sent := tcpip.TCPSendBufferSizeRangeOption{Min: bufferBytes, Default: bufferBytes, Max: bufferBytes}
	retries := tcpip.TCPSynRetriesOption(1)
	lingering, waiting := tcpip.TCPLingerTimeoutOption(remembered), tcpip.TCPTimeWaitTimeoutOption(remembered)
	for _, err := range []tcpip.Error{
		s.SetTransportProtocolOption(tcp.ProtocolNumber, &retries), // nothing is lost on the way, see remembered
		s.SetTransportProtocolOption(tcp.ProtocolNumber, &lingering),
		s.SetTransportProtocolOption(tcp.ProtocolNumber, &waiting),
		s.SetTransportProtocolOption(tcp.ProtocolNumber, &received),
		s.SetTransportProtocolOption(tcp.ProtocolNumber, &sent),
		s.CreateNIC(device, g.link),
		s.AddProtocolAddress(device, protocolAddress(ipv4.ProtocolNumber, Here), stack.AddressProperties{}),
		s.AddProtocolAddress(device, protocolAddress(ipv6.ProtocolNumber, here6), stack.AddressProperties{}),
		s.SetPromiscuousMode(device, true), // take what is for others
		s.SetSpoofing(device, true),        // and answer in their place
	} {
		if err != nil {
			return nil, fmt.Errorf("make a gate: %s", err)
		}
	}
	s.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: device}, {Destination: header.IPv6EmptySubnet, NIC: device}})
	return g, nil
}

func protocolAddress(protocol tcpip.NetworkProtocolNumber, a netip.Addr) tcpip.ProtocolAddress {
	return tcpip.ProtocolAddress{Protocol: protocol, AddressWithPrefix: tcpip.AddrFromSlice(a.AsSlice()).WithPrefix()}
}

// Resolver returns the name servers as programs inside know them.
func (c Config) Resolver() []netip.Addr {
	all := make([]netip.Addr, min(len(c.Names), NamesMax))
	next := names
	for i := range all {
		all[i], next = next, next.Next()
	}
	return all
}

// Run passes on what comes, until ctx ends. Then it cuts off what is connected.
func (g *Gate) Run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g.attend(ctx)
	read, written := make(chan struct{}), make(chan struct{})
	go func() { defer close(read); g.read() }()
	go func() { defer close(written); g.write(ctx) }()
	select {
	case <-ctx.Done():
	case <-read: // the network is gone
	}
	cancel()
	g.device.Close()
	<-read
	<-written
	g.stack.Destroy()
	for _, tokens := range []chan struct{}{g.connections, g.datagrams} {
		for range cap(tokens) {
			tokens <- struct{}{}
		}
	}
}

// attend has those who want to get out be connected, until ctx ends.
func (g *Gate) attend(ctx context.Context) {
	g.stack.SetTransportProtocolHandler(tcp.ProtocolNumber, tcp.NewForwarder(g.stack, bufferBytes, connectingMax, func(r *tcp.ForwarderRequest) { g.connect(ctx, r) }).HandlePacket)
	g.stack.SetTransportProtocolHandler(udp.ProtocolNumber, udp.NewForwarder(g.stack, func(r *udp.ForwarderRequest) bool { return g.exchange(ctx, r) }).HandlePacket)
}

// Dial connects to an address inside: that of the loopback interface too.
func (g *Gate) Dial(ctx context.Context, address netip.AddrPort) (net.Conn, error) {
	c, err := gonet.DialContextTCP(ctx, g.stack, full(address), ipv4.ProtocolNumber)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Listen listens on a port of the gate's own address, for those inside.
func (g *Gate) Listen(port uint16) (net.Listener, error) {
	l, err := gonet.ListenTCP(g.stack, full(netip.AddrPortFrom(Here, port)), ipv4.ProtocolNumber)
	if err != nil {
		return nil, err
	}
	return l, nil
}

func full(a netip.AddrPort) tcpip.FullAddress {
	return tcpip.FullAddress{NIC: device, Addr: tcpip.AddrFromSlice(a.Addr().AsSlice()), Port: a.Port()}
}

// target returns where a program wants to get.
func target(id stack.TransportEndpointID) netip.AddrPort {
	addr, _ := netip.AddrFromSlice(id.LocalAddress.AsSlice())
	return netip.AddrPortFrom(addr.Unmap(), id.LocalPort)
}

// errInside says of an address that it leads nowhere.
var errInside = errors.New("nothing is there")

// dial connects in a program's place.
func (g *Gate) dial(ctx context.Context, network string, to netip.AddrPort) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	for i, name := range g.cfg.Resolver() {
		if to == netip.AddrPortFrom(name, namesPort) {
			return new(net.Dialer).DialContext(ctx, network, g.cfg.Names[i].String())
		}
	}
	if Inside4.Contains(to.Addr()) || Inside6.Contains(to.Addr()) {
		return nil, errInside
	}
	c, err := g.cfg.Dial(ctx, network, to.String())
	if err != nil && g.cfg.Refused != nil {
		g.cfg.Refused(to.String(), err)
	}
	return c, err
}

// connectTimeout is shorter than what programs wait for.
const connectTimeout = 10 * time.Second
