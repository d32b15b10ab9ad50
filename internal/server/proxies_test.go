package server

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

// TestWhoIsBehindAProxy holds that only a trusted proxy is believed, and only what
// it has written itself.
func TestWhoIsBehindAProxy(t *testing.T) {
	t.Parallel()
	trusted := networks{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		name, from string
		forwarded  []string
		want       string
	}{
		{"from anybody", "192.0.2.1:5", []string{"198.51.100.1"}, "192.0.2.1:5"},
		{"from this machine, which is not trusted by itself", "127.0.0.1:5", []string{"198.51.100.1"}, "127.0.0.1:5"},
		{"from a proxy", "10.0.0.1:5", []string{"198.51.100.1"}, "198.51.100.1"},
		{"from a proxy that says nothing", "10.0.0.1:5", nil, "10.0.0.1"},
		{"what the client says comes first", "10.0.0.1:5", []string{"203.0.113.9, 198.51.100.1"}, "198.51.100.1"},
		{"in a line of its own", "10.0.0.1:5", []string{"203.0.113.9", "198.51.100.1"}, "198.51.100.1"},
		{"through two proxies", "10.0.0.1:5", []string{"203.0.113.9, 198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		{"with a port", "10.0.0.1:5", []string{"198.51.100.1:4711"}, "198.51.100.1"},
		{"of IPv6", "[fd00::1]:5", []string{"2001:db8::7"}, "2001:db8::7"},
		{"of IPv6 with a port", "10.0.0.1:5", []string{"[2001:db8::7]:4711"}, "2001:db8::7"},
		{"IPv4 in IPv6", "[::ffff:10.0.0.1]:5", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"no address", "10.0.0.1:5", []string{"198.51.100.1, unknown"}, "10.0.0.1"},
		{"proxies only", "10.0.0.1:5", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
	} {
		got := ""
		h := behindProxies(trusted, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr }))
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.from
		r.Header["X-Forwarded-For"] = c.forwarded
		h.ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// FuzzForwarded has a client say anything before what a trusted proxy adds: it changes
// nothing. Nor does anything that comes from elsewhere.
func FuzzForwarded(f *testing.F) {
	f.Add("203.0.113.9, 10.0.0.2")
	f.Add("unknown, [::1]:80, \"a,b\", fe80::1%eth0")
	f.Add("198.51.100.1:99999,,")
	trusted := networks{netip.MustParsePrefix("10.0.0.0/8")}
	var got string
	h := behindProxies(trusted, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr }))
	f.Fuzz(func(t *testing.T, said string) {
		for from, want := range map[string]struct{ added, address string }{
			"10.0.0.1:5":  {", 198.51.100.1", "198.51.100.1"},
			"10.0.0.2:5":  {", 198.51.100.1, 10.0.0.7:80", "198.51.100.1"},
			"192.0.2.1:5": {", 198.51.100.1", "192.0.2.1:5"},
		} {
			r := &http.Request{RemoteAddr: from, Header: http.Header{"X-Forwarded-For": {said + want.added}}}
			h.ServeHTTP(nil, r)
			if got != want.address {
				t.Errorf("%q from %s: got %s, want %s", said+want.added, from, got, want.address)
			}
		}
		h.ServeHTTP(nil, &http.Request{RemoteAddr: "10.0.0.1:5", Header: http.Header{"X-Forwarded-For": {said}}})
		if _, err := netip.ParseAddr(got); err != nil {
			t.Errorf("%q: %v", said, err)
		}
	})
}
