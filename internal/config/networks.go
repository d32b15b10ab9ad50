package config

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"
)

// The words for networks.
const (
	allNetworks = "all"
	noNetworks  = "none"
)

// Networks returns the networks that FunctionNetworks names. They are right in a
// Config from Load.
func (c Config) Networks() ([]netip.Prefix, error) {
	if c.FunctionNetworks == "" && c.Loopback() {
		return networks(allNetworks)
	}
	return networks(cmp.Or(c.FunctionNetworks, noNetworks))
}

// Proxies returns the networks that TrustedProxies names, likewise.
func (c Config) Proxies() ([]netip.Prefix, error) { return networks(c.TrustedProxies) }

func networks(text string) ([]netip.Prefix, error) {
	switch text {
	case noNetworks:
		return nil, nil
	case allNetworks:
		return []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}, nil
	}
	var all []netip.Prefix
	for part := range strings.SplitSeq(text, ",") {
		network, err := netip.ParsePrefix(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("%q must be all, none, or networks such as 10.0.0.0/8, separated by commas", text)
		}
		all = append(all, network.Masked())
	}
	return all, nil
}
