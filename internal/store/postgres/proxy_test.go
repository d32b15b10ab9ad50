package postgres_test

import (
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"heddle/internal/store/postgres/proxytest"
)

// proxy stands between a store and the server.
type proxy struct{ *proxytest.Proxy }

func newProxy(t *testing.T) proxy {
	t.Helper()
	cfg, err := pgx.ParseConfig(address())
	if err != nil {
		t.Fatal(err)
	}
	p, err := proxytest.New(pgconn.NetworkAddress(cfg.Host, cfg.Port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return proxy{p}
}

// url leads to the database through the proxy.
func (p proxy) url(t *testing.T, d *database, settings ...string) string {
	t.Helper()
	u, err := url.Parse(d.url(append(settings, "sslmode=disable")...))
	if err != nil {
		t.Fatal(err)
	}
	u.Host = p.Addr()
	return u.String()
}

// all gives every COMMIT from now on the same fate.
func (p proxy) all(f proxytest.Fate) { p.Commits(func() proxytest.Fate { return f }) }

// holdNext makes the proxy hold the next COMMIT and pass it once released is closed.
func (p proxy) holdNext() (arrived, released chan struct{}) {
	arrived, released = make(chan struct{}), make(chan struct{})
	p.Commits(func() proxytest.Fate {
		p.all(proxytest.Pass)
		close(arrived)
		<-released
		return proxytest.Pass
	})
	return arrived, released
}
