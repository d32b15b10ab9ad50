package e2e

import (
	"os"
	"path/filepath"
	"testing"
)

// onDisk prepares a server whose database is on a cluster on a disk of its own.
func onDisk(t *testing.T) (*disk, *cluster, *server, *ledger) {
	t.Helper()
	d := newDisk(t)
	if err := os.Chmod(filepath.Dir(d.dir), 0o711); err != nil { // so that the cluster's owner comes through
		t.Fatal(err)
	}
	c := newCluster(t, d.dir)
	d.sync() // initdb does not
	functions := newLedger(t)
	s := newServer(t, functions)
	s.store = c.url(c.host())
	return d, c, s, functions
}

// outOfPower cuts the power of the cluster's disk, and brings it and the cluster
// back. Whatever was not synced is gone. Nobody learns then of a sync under way: some
// return as if they had been done.
func (c *cluster) outOfPower(d *disk) {
	c.t.Helper()
	c.freeze()
	d.cut()
	c.kill()
	d.restore()
	c.start()
}

// TestPostgresLosesPower cuts the power of the database under load.
func TestPostgresLosesPower(t *testing.T) {
	t.Parallel()
	d, c, s, functions := onDisk(t)
	rideOut(t, s, functions, chance(t), amount(1, 10), func(int) { c.outOfPower(d) })
}

// TestPostgresLosesWhatIsNotSynced shows that these power cuts do harm, and that
// the harm is noticed: a database that has stopped to wait for its disk, after the
// server has looked whether it does, comes back without what was acknowledged.
func TestPostgresLosesWhatIsNotSynced(t *testing.T) {
	t.Parallel()
	d, c, s, _ := onDisk(t)
	s.flags = []string{"--lease-duration", "1s"} // it asks the database that often by itself
	s.start()
	graph, err := s.createGraph("pass", graphs()[0].definition)
	if err != nil {
		t.Fatal(err)
	}
	c.exec("ALTER SYSTEM SET fsync = off")
	c.exec("SELECT pg_reload_conf()")
	eventually(t, "the database does not sync", func() bool { return c.query("SELECT current_setting('fsync')") == "off" })
	d.sync() // what is there by now shall last
	for range 20 {
		s.mustStartOf(t, graph, "{}")
	}
	c.settings["fsync"] = "on"
	c.outOfPower(d)
	s.mustRefuse(t)
	s.launch()
	s.mustRefuse(t)
}
