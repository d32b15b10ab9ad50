package server

import (
	"net/http"
	"net/netip"
	"strings"

	"heddle/internal/exchange"
)

// networks are those of proxies, or of others of whom something is known.
type networks []netip.Prefix

func (n networks) contain(a netip.Addr) bool {
	for _, network := range n {
		if network.Contains(a) {
			return true
		}
	}
	return false
}

// loopback are the addresses of this machine, on which proxies often are.
var loopback = networks{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// behindProxies has requests that come from a trusted proxy count as those of the
// client for whom it sends them: it says who that is in the last part of
// X-Forwarded-For that is not a trusted proxy itself. What stands before that is
// only what the client says. From anybody else the header means nothing.
func behindProxies(trusted networks, next http.Handler) http.Handler {
	if len(trusted) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if from, ok := exchange.Address(r.RemoteAddr); ok && trusted.contain(from) {
			r = r.WithContext(exchange.Shared(r.Context()))
			r.RemoteAddr = clientOf(r, trusted, from).String()
		}
		next.ServeHTTP(w, r)
	})
}

// clientOf returns for whom a proxy has sent a request.
func clientOf(r *http.Request, trusted networks, proxy netip.Addr) netip.Addr {
	parts := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(parts) - 1; i >= 0; i-- {
		client, ok := exchange.Address(strings.TrimSpace(parts[i]))
		if !ok { // what stands before it was sent by whoever hides here
			break
		}
		if proxy = client; !trusted.contain(client) {
			break
		}
	}
	return proxy
}
