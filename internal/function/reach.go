package function

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
)

// Reach says where calls may go: to public addresses, and to what is named here.
// Who writes a graph or a function must not reach through Heddle what only this
// machine or its network can.
type Reach struct {
	Networks []netip.Prefix // that functions may be in, beside public addresses; the network of all addresses leaves out metadata

	// Own is where the service itself and its database listen, which no call
	// reaches, whatever Networks say. The unspecified address stands for every
	// address of this machine.
	Own []netip.AddrPort

	NotHere bool // keep out of this machine altogether, whatever Networks say
}

// Control is for a net.Dialer, which asks it for each connection with the address
// that is about to be connected to: after names were resolved, so that neither a
// spelling of an address nor a name that changes its mind gets past it.
func (r Reach) Control(_, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return &forbiddenError{"it has no IP address"}
	}
	addr := target.Addr().Unmap().WithZone("")
	within := func(network netip.Prefix) bool { return network.Contains(addr) }
	switch {
	case slices.ContainsFunc(r.Own, func(own netip.AddrPort) bool { return isAt(own, addr, target.Port()) }):
		return &forbiddenError{"it is a port of this service itself"}
	case r.NotHere && isOfThisMachine(addr):
		return &forbiddenError{"it is an address of this machine"}
	case slices.ContainsFunc(metadata, within) && !slices.ContainsFunc(r.Networks, func(network netip.Prefix) bool { return within(network) && network.Bits() > 0 }):
		return &forbiddenError{"it is where clouds keep what their machines are told"}
	case slices.ContainsFunc(r.Networks, within):
		return nil
	case addr.IsLoopback(), addr.IsUnspecified():
		return &forbiddenError{"it is at a loopback address"}
	case addr.IsPrivate():
		return &forbiddenError{"it is at a private address"}
	case slices.ContainsFunc(special, within), addr.Is6() && !globalUnicast.Contains(addr):
		return &forbiddenError{"it is at an address that is not public"}
	}
	return nil
}

// isAt reports whether an address and a port are those of own.
func isAt(own netip.AddrPort, addr netip.Addr, port uint16) bool {
	if own.Port() != port {
		return false
	}
	return own.Addr().Unmap() == addr || own.Addr().IsUnspecified() && isOfThisMachine(addr)
}

func isOfThisMachine(addr netip.Addr) bool {
	if addr.IsLoopback() || addr.IsUnspecified() {
		return true
	}
	interfaces, err := net.InterfaceAddrs()
	if err != nil {
		return true // nobody can tell, so better not
	}
	return slices.ContainsFunc(interfaces, func(a net.Addr) bool {
		prefix, err := netip.ParsePrefix(a.String())
		return err == nil && prefix.Addr().Unmap() == addr
	})
}

// metadata are networks in which clouds tell their machines what nobody else may
// know, credentials among it: the link-local ones, and two addresses beside them.
var metadata = []netip.Prefix{
	netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("fe80::/10"),
	netip.MustParsePrefix("fd00:ec2::254/128"),
	netip.MustParsePrefix("100.100.100.200/32"),
}

// globalUnicast is the one part of IPv6 from which public addresses are given.
var globalUnicast = netip.MustParsePrefix("2000::/3")

// special are the networks of the IANA registries of special-purpose addresses
// that are not public, but for those that package netip knows, and those of IPv6
// outside globalUnicast. The forms of IPv6 that stand for an address of IPv4,
// 6to4 and Teredo, are among them.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // shared by carriers
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"), // relays of 6to4
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("224.0.0.0/4"), // multicast
	netip.MustParsePrefix("240.0.0.0/4"), // reserved, and broadcast
	netip.MustParsePrefix("2001::/23"),   // Teredo among them
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), // 6to4
	netip.MustParsePrefix("3fff::/20"),
}

// forbiddenError says why calls may not go to an address.
type forbiddenError struct{ reason string }

func (e *forbiddenError) Error() string {
	return fmt.Sprintf("no connection may be made: %s", e.reason)
}
