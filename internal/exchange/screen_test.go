package exchange_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"heddle/internal/exchange"
)

// screened returns why a request is refused, or nil.
func screened(t *testing.T, cfg exchange.Config, r *http.Request) (refused error) {
	t.Helper()
	h := exchange.NewAdapter(cfg, slog.New(slog.DiscardHandler)).Handler(time.Minute, func(*exchange.Exchange) exchange.Call {
		return exchange.Call{
			Answer: func(context.Context) (any, error) { return nil, nil },
			Refuse: func(err error) exchange.Refusal {
				refused = err
				return exchange.Refusal{Status: 418, Body: "no"}
			},
		}
	})
	h(httptest.NewRecorder(), r)
	return refused
}

func TestScreen(t *testing.T) {
	t.Parallel()
	strange := errors.New("strange")
	hosts := func(_ context.Context, host string) error {
		if host != "here" {
			return strange
		}
		return nil
	}
	fields := func(n int) http.Header {
		h := http.Header{}
		for i := range n {
			h.Add(fmt.Sprintf("X-%d", i/2), "v")
		}
		return h
	}
	cookies := func(n int) http.Header { return http.Header{"Cookie": {"a=1" + strings.Repeat("; a=1", n-1)}} }
	long := func(n int) http.Header { return http.Header{"X": {strings.Repeat("x", n)}} }
	const around = len("GET") + len("/") + len("here") + len("X: \r\n")
	for name, c := range map[string]struct {
		method, host string
		header       http.Header
		want         error
	}{
		"nothing special":       {"GET", "here", nil, nil},
		"another host":          {"GET", "there", nil, strange},
		"another origin":        {"POST", "here", http.Header{"Sec-Fetch-Site": {"cross-site"}}, exchange.ErrOrigin},
		"another origin, old":   {"POST", "here", http.Header{"Origin": {"https://there"}}, exchange.ErrOrigin},
		"no origin":             {"POST", "here", http.Header{"Origin": {"null"}}, exchange.ErrOrigin},
		"the same origin":       {"POST", "here", http.Header{"Origin": {"https://here"}}, nil},
		"as many fields":        {"GET", "here", fields(64), nil},
		"one field more":        {"GET", "here", fields(65), exchange.ErrHeader},
		"200 fields":            {"GET", "here", fields(200), exchange.ErrHeader},
		"as many cookies":       {"GET", "here", cookies(64), nil},
		"100 cookies":           {"GET", "here", cookies(100), exchange.ErrHeader},
		"as many bytes":         {"GET", "here", long(16<<10 - around), nil},
		"16 KiB and a byte":     {"GET", "here", long(16<<10 - around + 1), exchange.ErrHeader},
		"too much, from abroad": {"POST", "there", fields(65), exchange.ErrHeader},
	} {
		r := httptest.NewRequest(c.method, "/", nil)
		r.Host = c.host
		if c.header != nil {
			r.Header = c.header
		}
		if got := screened(t, exchange.Config{Hosts: hosts}, r); !errors.Is(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	if got := screened(t, exchange.Config{}, httptest.NewRequest("GET", "/", nil)); got != nil {
		t.Errorf("where any host is taken: %v", got)
	}
}

// TestWithTLSBrowsersComeBackWithIt holds that only then they are told to.
func TestWithTLSBrowsersComeBackWithIt(t *testing.T) {
	t.Parallel()
	for _, secure := range []*tls.ConnectionState{nil, {}} {
		r := httptest.NewRequest("GET", "/", nil)
		r.TLS = secure
		w := carry(t, slog.New(slog.DiscardHandler), r, func(context.Context, *exchange.Exchange) (any, error) { return nil, nil })
		if got := w.Header().Get("Strict-Transport-Security"); (got != "") != (secure != nil) {
			t.Errorf("TLS: %t, and Strict-Transport-Security is %q", secure != nil, got)
		}
	}
}
