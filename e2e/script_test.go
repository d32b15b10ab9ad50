package e2e

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// scriptLength is how many requests a script makes.
const scriptLength = 60

// prepared is a data directory with graphs in it. A test that harms a server in
// many ways gives each of them a copy, and the same script to go through.
type prepared struct {
	dir    string
	graphs []*graph
}

func newPrepared(t *testing.T) *prepared {
	t.Helper()
	s := newServer(t, newLedger(t))
	s.start()
	l := newLoad(t, s, nil)
	s.drain()
	p := &prepared{dir: s.dir}
	for _, g := range l.graphs {
		if g.quick() {
			p.graphs = append(p.graphs, g)
		}
	}
	return p
}

// load returns a load on a server of its own, which has a copy of the directory
// and does not run.
func (p *prepared) load(t *testing.T) *load {
	t.Helper()
	functions := newLedger(t)
	s := newServer(t, functions)
	copyDirectory(t, p.dir, s.dir)
	return &load{s: s, ledger: functions, graphs: p.graphs}
}

// script lets one client make the same requests each time, until they are all
// made or the server is gone.
func (l *load) script(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range scriptLength {
		if !l.ask(t, rng) {
			return
		}
	}
}

// copyDirectory copies what a process leaves that is killed: the files as they
// are, without SQLite's shared memory.
func copyDirectory(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(to, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{databaseFile, logFile, markFile} {
		content, err := os.ReadFile(filepath.Join(from, name))
		if os.IsNotExist(err) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// The files of a data directory.
const (
	databaseFile = "heddle.db"
	logFile      = "heddle.db-wal"
	markFile     = "acknowledged"
)
