package e2e

import (
	"context"
	"math/rand/v2"
	"net/http"
	"syscall"
	"testing"
	"time"
)

// onCluster prepares a server whose database is on a cluster of its own.
func onCluster(t *testing.T) (*cluster, *server, *ledger) {
	t.Helper()
	c := newCluster(t, "")
	functions := newLedger(t)
	s := newServer(t, functions)
	s.store = c.url(c.host())
	return c, s, functions
}

// rideOut lets clients ask a server all the time while faults befall its
// database. It must answer each request, go on by itself after each fault, and
// in the end all that it has said must be so.
func rideOut(t *testing.T, s *server, functions *ledger, rng *rand.Rand, faults int, befall func(n int)) {
	t.Helper()
	s.start()
	l := newLoad(t, s, functions)
	under, end := context.WithCancel(t.Context())
	answered := make(chan bool, 1)
	go func() { answered <- l.run(under, t, rand.New(rand.NewPCG(rng.Uint64(), 0)), 6) }()
	all := false
	defer func() { // also if a fault ends the test
		end()
		if !all {
			<-answered
		}
	}()
	for n := range faults {
		pause(under, between(rng, 100, 500))
		befall(n)
		s.mustRun(t)
		before := l.acknowledged.Load()
		eventually(t, "a start is acknowledged again", func() bool { return l.acknowledged.Load() > before })
	}
	end()
	if all = true; !<-answered {
		t.Error("a request was not answered")
	}
	l.verify(t)
	s.mustRun(t)
	if l.refused.Load()+l.doubtful.Load() == 0 {
		t.Log("no start met a fault")
	}
}

// mustRun fails the test if the server has ended, which it must not by itself.
func (s *server) mustRun(t *testing.T) {
	t.Helper()
	select {
	case <-s.exited:
		t.Fatalf("the server ended by itself: %v", s.process.ProcessState)
	default:
	}
}

// between draws a time, in milliseconds.
func between(rng *rand.Rand, from, to int) time.Duration {
	return time.Duration(from+rng.IntN(to-from)) * time.Millisecond
}

// TestPostgresRestarts restarts the database, in order and not, with pauses.
func TestPostgresRestarts(t *testing.T) {
	t.Parallel()
	c, s, functions := onCluster(t)
	rng := chance(t)
	rideOut(t, s, functions, rng, amount(3, 60), func(n int) {
		how := syscall.SIGINT // sessions are ended, and what they do is rolled back
		if n%2 == 1 {
			how = syscall.SIGQUIT // all processes end as they are
		}
		c.stop(how)
		pause(t.Context(), between(rng, 0, 1500))
		c.start()
	})
}

// TestPostgresIsKilled kills all processes of the database.
func TestPostgresIsKilled(t *testing.T) {
	t.Parallel()
	c, s, functions := onCluster(t)
	rng := chance(t)
	rideOut(t, s, functions, rng, amount(2, 60), func(int) {
		c.kill()
		pause(t.Context(), between(rng, 0, 1000))
		c.start()
	})
}

// TestPostgresBackendsAreTerminated ends sessions of the server again and again.
func TestPostgresBackendsAreTerminated(t *testing.T) {
	t.Parallel()
	c, s, functions := onCluster(t)
	rng := chance(t)
	rideOut(t, s, functions, rng, amount(3, 50), func(int) {
		for range 20 {
			c.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'heddle' AND random() < 0.5")
			pause(t.Context(), between(rng, 0, 50))
		}
	})
}

// TestPostgresIsAwayForLong keeps the database away for longer than a lease
// lasts. Nobody took the shards, so the server goes on, and says meanwhile that it
// is not ready.
func TestPostgresIsAwayForLong(t *testing.T) {
	t.Parallel()
	c, s, functions := onCluster(t)
	s.flags = []string{"--lease-duration", "1s"}
	rideOut(t, s, functions, chance(t), amount(1, 3), func(int) {
		c.stop(syscall.SIGINT)
		eventually(t, "the server says that it is not ready", func() bool { return s.ready() == http.StatusServiceUnavailable })
		pause(t.Context(), 5*time.Second)
		c.start()
		eventually(t, "the server says that it is ready", func() bool { return s.ready() == http.StatusOK })
	})
}

// ready returns the status with which /readyz answers, or 0.
func (s *server) ready() int {
	a, _ := s.call(http.MethodGet, "/readyz", nil, nil)
	return a.status
}
