package e2e

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestBackup copies the database of a server under load, the way that
// docs/storage.md names, and restores the copy: alone, it holds every execution
// that was acknowledged before it was begun, whole; beside the mark of the
// directory it came from, it is refused as older, unless that is accepted.
func TestBackup(t *testing.T) {
	t.Parallel()
	functions := newLedger(t)
	s := newServer(t, functions)
	rng := chance(t)
	s.start()
	l := newLoad(t, s, functions)
	for range amount(1, 5) {
		life, end := context.WithCancel(t.Context())
		loaded := make(chan struct{})
		go func() {
			defer close(loaded)
			l.run(life, t, rng, 4)
		}()
		pause(life, time.Second)
		before := l.started()
		copied := newServer(t, newLedger(t))
		backUp(t, s, copied)
		pause(life, 2500*time.Millisecond) // the mark is written a second later at most
		end()
		<-loaded

		stale, err := os.ReadFile(filepath.Join(s.dir, markFile))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(copied.dir, markFile), stale, 0o600); err != nil {
			t.Fatal(err)
		}
		copied.launch()
		if code := copied.awaitExit(); code != 1 || !bothNumbers.MatchString(copied.tail()) {
			t.Errorf("the older database was answered with the code %d and: %s", code, copied.tail())
		}
		copied.flags = []string{"--accept-data-loss"}
		copied.start()
		copied.flags = nil
		for _, urn := range before {
			if x := copied.awaitEnd(t, urn); x.Status == "FAILED" {
				t.Errorf("%s ended %s: %s", urn, x.Status, x.Output)
			}
			records, err := copied.history(urn)
			if err != nil {
				t.Fatal(err)
			}
			x, err := copied.show(urn)
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range checkHistory(x, records, false) {
				t.Errorf("%s in the copy: %s", urn, fault)
			}
		}
		copied.drain()
		copied.start() // the loss is accepted for good
		copied.kill()
	}
	l.verify(t)
}

// started returns the executions whose starts were acknowledged so far.
func (l *load) started() (urns []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, st := range l.starts {
		st.mu.Lock()
		if st.urn != "" {
			urns = append(urns, st.urn)
		}
		st.mu.Unlock()
	}
	return urns
}

// backUp copies the database of a server into the directory of another.
func backUp(t *testing.T, from, to *server) {
	t.Helper()
	if err := os.MkdirAll(to.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(from.dir, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	mustExec(t, db, "VACUUM INTO ?", filepath.Join(to.dir, databaseFile))
}
