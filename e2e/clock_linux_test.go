package e2e

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// TestClockIsSet sets the clock of a server under load, back and forth. No delay
// ends before its time by that clock, nothing happens twice, and whatever the
// clock says, what is started goes on.
func TestClockIsSet(t *testing.T) {
	t.Parallel()
	functions := newLedger(t)
	s := newServer(t, functions)
	s.program = askingForTime(t)
	var ahead atomic.Int64 // of the true time, as a time.Duration
	calls := s.intercept(t, clocks)
	calls.set(func(systemCall) fate { return fate{clock: time.Now().Add(time.Duration(ahead.Load()))} })
	s.start()
	l := newLoad(t, s, functions)
	l.clockSet = true
	rng := chance(t)
	life, end := context.WithCancel(t.Context())
	loaded := make(chan struct{})
	go func() {
		defer close(loaded)
		l.run(life, t, rng, 4)
	}()
	jumps := []time.Duration{-time.Hour, 300 * time.Second, -300 * time.Second, time.Hour, time.Second, -time.Second}
	latest := time.Duration(0)
	for n := range amount(len(jumps), 50) {
		jump := jumps[n%len(jumps)]
		ahead.Add(int64(jump))
		latest = max(latest, time.Duration(ahead.Load()))
		pause(t.Context(), 400*time.Millisecond)
	}
	end()
	<-loaded
	if calls.count(clocks) == 0 {
		t.Fatal("the server does not ask for the time")
	}
	// Once the clock says what it has said at the latest, and some seconds more,
	// everything is due.
	ahead.Store(int64(latest + 10*time.Second))
	delay := l.graphs[len(l.graphs)-1] // to wait makes the server look what else is due
	if !l.begin(t, l.newStartOf(delay, rng)) {
		t.Error("a start got no answer")
	}
	l.verify(t)
	s.drain()
}

// askingForTime returns a copy of the binary that asks the kernel for the time.
// Otherwise a program reads it from a page that the kernel shares with all (the
// vDSO), where nobody can step in. Go finds that page's function by its name: in
// the copy, no function has that name.
func askingForTime(t *testing.T) string {
	t.Helper()
	program, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	name := []byte("__vdso_clock_gettime")
	if !bytes.Contains(program, name) {
		t.Skip("the binary does not read the time from the vDSO as it does elsewhere")
	}
	path := filepath.Join(t.TempDir(), "heddle")
	if err := os.WriteFile(path, bytes.ReplaceAll(program, name, []byte("__none_clock_gettime")), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}
