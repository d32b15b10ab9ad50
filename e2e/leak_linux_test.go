package e2e

import (
	"context"
	"slices"
	"testing"
	"time"
)

// TestNothingLeaks lets a server work and rest in turns. When it rests it has as
// many files open as before, and what it holds of memory does not grow from turn
// to turn.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	const turns = 12
	if amount(0, 1) == 0 {
		t.Skip("it takes a minute: make chaos runs it")
	}
	functions := newLedger(t)
	s := newServer(t, functions)
	rng := chance(t)
	s.start()
	l := newLoad(t, s, functions)
	s.client.CloseIdleConnections()
	files := s.openFiles(t)
	var memory []int
	for range turns {
		life, end := context.WithTimeout(t.Context(), time.Second)
		l.run(life, t, rng, 6)
		end()
		for _, g := range l.graphs {
			s.awaitAll(t, g.urn)
		}
		s.client.CloseIdleConnections()
		functions.server.CloseClientConnections()
		eventually(t, "the files are closed", func() bool { return s.openFiles(t) <= files+5 })
		memory = append(memory, s.resident(t))
	}
	t.Logf("%d files; MiB resident after each turn: %v", s.openFiles(t), inMiB(memory))
	// Of what is used the first half shows the most; what leaks, the second.
	if first, second := slices.Max(memory[:turns/2]), slices.Max(memory[turns/2:]); second > first+first/2+16<<20 {
		t.Errorf("it holds %d MiB, and held %d", second>>20, first>>20)
	}
	l.verify(t)
	s.drain()
}

func inMiB(bytes []int) (mebibytes []int) {
	for _, n := range bytes {
		mebibytes = append(mebibytes, n>>20)
	}
	return mebibytes
}
