package server

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"

	"heddle/internal/config"
	"heddle/internal/exchange"
	"heddle/internal/identity"
)

// newHosts returns which hosts requests may be for. As long as there is no user,
// being able to reach the port is the only credential, and a browser on this
// machine reaches it for any page whose name was made to lead here. So the name
// must be one that is known to be this server's. With users a page has no
// credential.
func newHosts(cfg config.Config, who *identity.Identity) exchange.Hosts {
	known := hostNames(cfg)
	return func(ctx context.Context, host string) error {
		name := hostName(host)
		if known[name] || here(name) {
			return nil
		}
		singleUser, err := who.SingleUser(ctx)
		if err != nil || !singleUser {
			return err
		}
		return fmt.Errorf("%w: as long as there is no user, requests are taken for localhost only, and for what --hosts names, and not for %q", exchange.ErrHost, name)
	}
}

// hostNames returns the names that the settings say are this server's.
func hostNames(cfg config.Config) map[string]bool {
	known := map[string]bool{hostName(cfg.Listen): true}
	if u, err := url.Parse(cfg.PublicURL); err == nil {
		known[hostName(u.Host)] = true
	}
	for name := range strings.SplitSeq(cfg.Hosts, ",") {
		known[hostName(strings.TrimSpace(name))] = true
	}
	return known
}

// hostName returns a host without its port, in the one form in which names are
// compared.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// here reports whether a name stands for this machine by itself. No name is that
// of HTTP/1.0, which no browser speaks.
func here(name string) bool {
	return name == "" || strings.HasSuffix(name, ".localhost") || config.LoopbackHost(name)
}
