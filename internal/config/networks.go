package config

import (
	"fmt"
	"net/netip"
	"strings"
)

// The words for FunctionNetworks.
const (
	allNetworks = "all"
	noNetworks  = "none"
)

// Networks returns the networks that FunctionNetworks names. They are right in a
// Config from Load.
func (c Config) Networks() ([]netip.Prefix, error) {
	text := c.FunctionNetworks
	if text == "" {
		text = noNetworks
		if c.Loopback() {
			text = allNetworks
		}
	}
	switch text {
	case noNetworks:
		return nil, nil
	case allNetworks:
		return []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}, nil
	}
	var networks []netip.Prefix
	for part := range strings.SplitSeq(text, ",") {
		network, err := netip.ParsePrefix(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("%q must be all, none, or networks such as 10.0.0.0/8, separated by commas", c.FunctionNetworks)
		}
		networks = append(networks, network.Masked())
	}
	return networks, nil
}
