package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/store"
	"heddle/internal/store/mark"
	"heddle/internal/store/sqlite"
)

var (
	video        = store.Graph{Project: "p", Name: "video"}
	noReferences = store.References{}
)

const (
	databaseFile = "heddle.db"
	walFile      = "heddle.db-wal"
	markFile     = "acknowledged"
)

// copyFiles copies the files as they are: what a process leaves that is killed
// now. The shared memory stays behind, as in a power cut.
func copyFiles(t *testing.T, dir, to string) {
	t.Helper()
	for _, name := range []string{databaseFile, walFile, markFile} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		put(t, to, name, b)
	}
}

func put(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// fill commits executions and returns what a crash leaves a little later, when
// the mark names the last. It runs in a bubble of its own.
func fill(t *testing.T, executions int) (dir string, graph store.GraphID) {
	t.Helper()
	dir = t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		original := t.TempDir()
		st := open(t, original)
		defer closed(t, st)
		var running sync.WaitGroup
		ctx, stop := context.WithCancel(t.Context())
		running.Go(func() { _ = st.Run(ctx) })
		defer running.Wait()
		defer stop()
		lease, err := st.Acquire(t.Context(), 0, "node", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if graph, err = st.CreateGraph(t.Context(), video, "text", noReferences); err != nil {
			t.Fatal(err)
		}
		for n := range executions {
			outcomes, err := st.Commit(t.Context(), []store.Turn{{
				Lease:   lease,
				Head:    store.Head{Key: store.Key{Graph: graph, ID: store.ExecutionID{15: byte(n)}}, Name: "x", Seq: 1},
				Records: []byte("records"),
			}})
			if err != nil || outcomes[0].Err != nil {
				t.Fatal(err, outcomes)
			}
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		copyFiles(t, original, dir)
	})
	return dir, graph
}

// executions returns how many executions can be loaded.
func executions(t *testing.T, st store.Store, graph store.GraphID, most int) int {
	t.Helper()
	n := 0
	for ; n < most; n++ {
		_, _, err := st.Load(t.Context(), store.Key{Graph: graph, ID: store.ExecutionID{15: byte(n)}})
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func TestCrashLosesNothing(t *testing.T) {
	t.Parallel()
	dir, graph := fill(t, 10)
	st := open(t, dir)
	defer closed(t, st)
	if n := executions(t, st, graph, 10); n != 10 {
		t.Errorf("%d executions of 10 are left", n)
	}
}

// SQLite itself opens each of these without a word and drops the commits from
// the damage on.
func TestLossIsNoticed(t *testing.T) {
	t.Parallel()
	const most = 8
	dir, graph := fill(t, most)
	wal, err := os.ReadFile(filepath.Join(dir, walFile))
	if err != nil {
		t.Fatal(err)
	}
	database, err := os.ReadFile(filepath.Join(dir, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	acknowledged, err := os.ReadFile(filepath.Join(dir, markFile))
	if err != nil {
		t.Fatal(err)
	}
	refusals := 0
	check := func(what string, at int, wal []byte) {
		t.Helper()
		damaged := t.TempDir()
		put(t, damaged, databaseFile, database)
		put(t, damaged, markFile, acknowledged)
		put(t, damaged, walFile, wal)
		st, err := sqlite.Open(t.Context(), sqlite.Config{Dir: damaged}, slog.New(slog.DiscardHandler))
		switch {
		case err == nil:
			if n := executions(t, st, graph, most); n != most {
				t.Errorf("%s at %d of %d: %d executions of %d are left, and nobody noticed", what, at, len(wal), n, most)
			}
			closed(t, st)
		case errors.Is(err, mark.ErrBehind):
			refusals++
		default:
			t.Errorf("%s at %d of %d: %v", what, at, len(wal), err)
		}
	}
	const step = 9_973 // some in frame headers, some in pages
	for at := 0; at < len(wal); at += step {
		check("cut", at, wal[:at])
		flipped := append([]byte{}, wal...)
		flipped[at] ^= 0x10
		check("flip", at, flipped)
	}
	if refusals < 2 {
		t.Errorf("%d of the damages were refused", refusals)
	}
}

func TestLossIsAccepted(t *testing.T) {
	t.Parallel()
	dir, graph := fill(t, 5)
	put(t, dir, walFile, nil)
	put(t, dir, databaseFile, nil)
	refused(t, dir, mark.ErrBehind)
	st, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir, AcceptDataLoss: true}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if n := executions(t, st, graph, 5); n != 0 {
		t.Errorf("%d executions are left of none", n)
	}
	closed(t, st)
	closed(t, open(t, dir))
}

func TestMarkThatSaysNothingIsRefused(t *testing.T) {
	t.Parallel()
	dir, _ := fill(t, 1)
	put(t, dir, markFile, []byte("many\n"))
	if st, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir}, slog.New(slog.DiscardHandler)); err == nil {
		closed(t, st)
		t.Error("opened")
	}
}

func TestMarkIsNotNeeded(t *testing.T) {
	t.Parallel()
	dir, _ := fill(t, 1)
	put(t, dir, markFile, nil)
	closed(t, open(t, dir))
}

// The way that docs/storage.md names for a server that goes on.
func TestBackup(t *testing.T) {
	t.Parallel()
	dir, graph := fill(t, 5)
	st := open(t, dir)
	defer closed(t, st)
	db, err := sql.Open("sqlite", filepath.Join(dir, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	to := t.TempDir()
	if _, err := db.Exec("VACUUM INTO ?", filepath.Join(to, databaseFile)); err != nil {
		t.Fatal(err)
	}
	restored := open(t, to)
	defer closed(t, restored)
	if n := executions(t, restored, graph, 5); n != 5 {
		t.Errorf("the backup has %d executions of 5", n)
	}
}
