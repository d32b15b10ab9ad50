package server

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"heddle/internal/config"
)

// ownPorts returns where no call of a function may go: where this server
// listens, its database, and the server that brings it events.
func ownPorts(cfg config.Config, listens net.Addr) ([]netip.AddrPort, error) {
	here, err := netip.ParseAddrPort(listens.String())
	if err != nil {
		return nil, fmt.Errorf("read the address %s: %w", listens, err)
	}
	// Other addresses of this machine may lead to the same listener.
	own := []netip.AddrPort{here, netip.AddrPortFrom(netip.IPv4Unspecified(), here.Port())}
	for address := range strings.SplitSeq(cfg.NATS.URL, ",") {
		if u, err := url.Parse(strings.TrimSpace(address)); err == nil && u.Hostname() != "" {
			port, _ := strconv.ParseUint(cmp.Or(u.Port(), natsPort), 10, 16)
			own = append(own, addressesOf(u.Hostname(), uint16(port))...)
		}
	}
	if cfg.Store == "" {
		return own, nil
	}
	database, err := pgconn.ParseConfig(cfg.Store)
	if err != nil {
		return nil, fmt.Errorf("read the URL of the store: %w", err)
	}
	own = append(own, addressesOf(database.Host, database.Port)...)
	for _, other := range database.Fallbacks {
		own = append(own, addressesOf(other.Host, other.Port)...)
	}
	return own, nil
}

// natsPort is where a NATS server listens whose URL names no port.
const natsPort = "4222"

// addressesOf returns the addresses of a host. One that is not known now, or is
// the path of a socket, has none.
func addressesOf(host string, port uint16) (all []netip.AddrPort) {
	addresses, _ := net.DefaultResolver.LookupNetIP(context.Background(), "ip", host)
	for _, a := range addresses {
		a = a.Unmap()
		if a.IsLoopback() {
			a = netip.IPv4Unspecified() // this machine, by whichever of its addresses
		}
		all = append(all, netip.AddrPortFrom(a, port))
	}
	return all
}
