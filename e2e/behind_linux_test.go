package e2e

import (
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// TestPostgresGoesBack has a database lose what was acknowledged: an old copy is
// put in its place, or a standby takes over that lagged behind. The server ends,
// and does not start again on that database unless it is told to.
func TestPostgresGoesBack(t *testing.T) {
	t.Parallel()
	for _, standby := range []bool{false, true} {
		t.Run(fmt.Sprintf("to a standby %v", standby), func(t *testing.T) {
			t.Parallel()
			for range amount(1, 5) {
				c, s, _ := onCluster(t)
				old := c.another("old")
				s.store = c.url(c.host() + "," + old.host())
				s.flags = []string{"--lease-duration", "1s"} // it asks the database that often by itself
				s.start()
				graph, err := s.createGraph("pass", graphs()[0].definition)
				if err != nil {
					t.Fatal(err)
				}
				kept := s.mustStartOf(t, graph, "{}")
				old.copyOf(c, standby)
				lost := s.mustStartOf(t, graph, "{}")
				c.kill()
				old.start()
				if standby {
					old.exec("SELECT pg_promote()")
				}
				s.mustRefuse(t)
				s.launch()
				s.mustRefuse(t)
				s.flags = []string{"--accept-data-loss"}
				s.start()
				if _, err := s.show(kept); err != nil {
					t.Errorf("what is in the copy cannot be shown: %v", err)
				}
				if x, err := s.show(lost); err == nil {
					t.Errorf("what is not in the copy is shown: %+v", x)
				}
				s.mustStartOf(t, graph, "{}")
				s.kill()
				old.kill()
			}
		})
	}
}

// mustRefuse waits until the server ends because its database has lost commits.
func (s *server) mustRefuse(t *testing.T) {
	t.Helper()
	if code := s.awaitExit(); code != 1 {
		t.Errorf("the server ended with the code %d, want 1", code)
	}
	if said := s.tail(); !strings.Contains(said, "behind what was acknowledged") {
		t.Errorf("the server said:\n%s\nwant it to say that the database is behind", said)
	}
}

// TestPostgresFailsOver kills a database whose standby has all that was
// acknowledged, and promotes that. The server goes on there.
func TestPostgresFailsOver(t *testing.T) {
	t.Parallel()
	c, s, functions := onCluster(t)
	standby := c.another("standby")
	s.store = c.url(c.host() + "," + standby.host())
	standby.copyOf(c, true)
	standby.start()
	c.exec("ALTER SYSTEM SET synchronous_standby_names = '*'")
	c.exec("SELECT pg_reload_conf()")
	rideOut(t, s, functions, chance(t), 1, func(int) {
		c.kill()
		standby.exec("SELECT pg_promote()")
	})
}

// another returns a cluster beside this one, for which there is no data yet.
func (c *cluster) another(name string) *cluster {
	other := *c
	other.process = nil
	other.dir = filepath.Join(c.home, name)
	other.settings = maps.Clone(c.settings)
	_, other.settings["port"], _ = net.SplitHostPort(freeAddress(c.t))
	c.t.Cleanup(other.kill)
	return &other
}

// copyOf makes the cluster's data a copy of those of one that runs, and the
// cluster a standby of that one or one that knows nothing of it.
func (c *cluster) copyOf(from *cluster, standby bool) {
	c.t.Helper()
	args := []string{"--dbname", from.url(from.host()), "--pgdata", c.dir, "--checkpoint", "fast"}
	if standby {
		args = append(args, "--write-recovery-conf")
	}
	c.run("pg_basebackup", args...)
}
