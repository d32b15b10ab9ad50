package confine

import (
	"net/netip"
	"os"
	"strings"

	"heddle/internal/function/gate"
)

// resolverFile says which name servers this machine asks, and how.
const resolverFile = "/etc/resolv.conf"

// resolverLines returns the lines that begin with a word, without it.
func resolverLines(word string) []string {
	text, _ := os.ReadFile(resolverFile) // without it there are no name servers
	var found []string
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == word {
			found = append(found, strings.Join(fields[1:], " "))
		}
	}
	return found
}

// nameServers returns those that this machine asks now.
func nameServers() []netip.AddrPort {
	var servers []netip.AddrPort
	for _, text := range resolverLines("nameserver") {
		if address, err := netip.ParseAddr(text); err == nil && len(servers) < gate.NamesMax {
			servers = append(servers, netip.AddrPortFrom(address, 53))
		}
	}
	return servers
}

// resolver is the resolverFile of a cell whose way out knows the name servers.
func resolver(servers []netip.AddrPort) string {
	var text strings.Builder
	for _, inside := range (gate.Config{Names: servers}).Resolver() {
		text.WriteString("nameserver " + inside.String() + "\n")
	}
	for _, word := range []string{"search", "options"} {
		for _, line := range resolverLines(word) {
			text.WriteString(word + " " + line + "\n")
		}
	}
	return text.String()
}
