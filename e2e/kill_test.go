package e2e

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"
)

// TestKill kills the server again and again, at random moments and under a
// load of all that it can do, and then looks whether anything is lost, stuck,
// double or out of order.
func TestKill(t *testing.T) {
	t.Parallel()
	functions := newLedger(t)
	kill(t, newServer(t, functions), functions)
}

// TestKillOnPostgres does the same to a server whose database is PostgreSQL.
func TestKillOnPostgres(t *testing.T) {
	t.Parallel()
	functions := newLedger(t)
	s := newServer(t, functions)
	s.store = newSchema(t)
	kill(t, s, functions)
}

func kill(t *testing.T, s *server, functions *ledger) {
	rng := chance(t)
	s.start()
	l := newLoad(t, s, functions)
	killing(t, s, rng, func(life context.Context) { l.run(life, t, rng, 6) })
	l.verify(t)
}

// killing kills the server again and again, at random moments while something
// runs, and leaves it ready.
func killing(t *testing.T, s *server, rng *rand.Rand, run func(life context.Context)) {
	t.Helper()
	kills := int(number(t, "HEDDLE_E2E_KILLS", 5))
	t.Logf("%d kills", kills)
	for range kills {
		life, end := context.WithTimeout(t.Context(), time.Duration(rng.IntN(1200))*time.Millisecond)
		loaded := make(chan struct{})
		go func() {
			defer close(loaded)
			if s.awaitReady(life) == nil {
				run(life)
			}
		}()
		select {
		case <-life.Done():
		case <-s.exited:
			t.Fatalf("the server ended by itself: %v", s.process.ProcessState)
		}
		s.kill()
		end()
		<-loaded
		s.launch()
	}
	if err := s.awaitReady(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestDelayKeepsItsDueTime restarts the server while an execution waits. Its
// delay would end far too late if it began anew each time.
func TestDelayKeepsItsDueTime(t *testing.T) {
	t.Parallel()
	const delay, lives = 8 * time.Second, 5
	s := newServer(t, nil)
	s.start()
	g := delayGraph(int(delay.Seconds()))
	var err error
	if g.urn, err = s.createGraph(g.name, g.definition); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	a, err := s.startExecution(g.urn, "waits", "{}", "")
	var started struct {
		URN string `json:"execution_urn"`
	}
	if err != nil || a.into(&started) != nil {
		t.Fatal(a, err)
	}
	for range lives {
		pause(t.Context(), time.Second)
		s.kill()
		s.start()
	}
	if time.Since(begun) >= delay {
		t.Skip("the restarts took longer than the delay")
	}
	var x execution
	eventually(t, "the delay ends", func() bool {
		if x, err = s.show(started.URN); err != nil {
			t.Fatal(err)
		}
		return x.Status != "RUNNING"
	})
	took := timeOf(x.StoppedAt).Sub(timeOf(x.StartedAt))
	if x.Status != "SUCCESS" || took < delay || took > delay+lives*time.Second/2 {
		t.Errorf("it ended %s after %v, want SUCCESS after %v", x.Status, took, delay)
	}
}
