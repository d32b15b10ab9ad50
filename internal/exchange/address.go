package exchange

import (
	"net/http"
	"net/netip"
	"strings"
)

// Address reads an address, with a port or without.
func Address(text string) (netip.Addr, bool) {
	if both, err := netip.ParseAddrPort(text); err == nil {
		return both.Addr().Unmap().WithZone(""), true
	}
	address, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return address.Unmap().WithZone(""), err == nil
}

// Sender returns what counts as the address from which a request came, where
// senders are counted.
func Sender(r *http.Request) string {
	address, ok := Address(r.RemoteAddr)
	if !ok {
		return r.RemoteAddr
	}
	return Neighbours(address).String()
}

// Neighbours returns the addresses that count as one where senders are counted:
// of IPv6 everybody has a whole network /64 to send from.
func Neighbours(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	network, _ := a.Prefix(bits) // which is in the range of both kinds
	return network
}
