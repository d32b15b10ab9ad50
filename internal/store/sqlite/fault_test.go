package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"testing"
	"time"

	"modernc.org/sqlite"

	"heddle/internal/store"
)

// faulty is a store whose connection that writes can be spoilt.
type faulty struct {
	*testing.T
	*Store
	lease store.Lease
	graph store.GraphID
}

func newFaulty(t *testing.T) *faulty {
	st, err := Open(t.Context(), Config{Dir: t.TempDir()}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	f := &faulty{T: t, Store: st}
	if f.lease, err = st.Acquire(t.Context(), 0, "node", time.Hour); err != nil {
		t.Fatal(err)
	}
	if f.graph, err = st.CreateGraph(t.Context(), store.Graph{Name: "video"}, "text", store.References{}); err != nil {
		t.Fatal(err)
	}
	return f
}

// writing runs do with the connection that writes.
func (f *faulty) writing(do func(c *conn) error) {
	f.Helper()
	c := <-f.writer
	defer func() { f.writer <- c }()
	if err := do(c); err != nil {
		f.Fatal(err)
	}
}

// pragma runs a PRAGMA on the connection that writes.
func (f *faulty) pragma(text string) {
	f.Helper()
	f.writing(func(c *conn) error {
		_, err := c.sql.ExecContext(context.Background(), text)
		return err
	})
}

// start commits the first turn of an execution.
func (f *faulty) start(n byte, records int) error {
	f.Helper()
	outcomes, err := f.Commit(f.Context(), []store.Turn{{
		Lease:   f.lease,
		Head:    store.Head{Key: f.key(n), Name: "x", Seq: 1},
		Records: make([]byte, records),
	}})
	if err == nil {
		err = outcomes[0].Err
	}
	return err
}

func (f *faulty) key(n byte) store.Key {
	return store.Key{Graph: f.graph, ID: store.ExecutionID{15: n}}
}

func (f *faulty) want(err, want error) {
	f.Helper()
	if !errors.Is(err, want) {
		f.Errorf("got %v, want %v", err, want)
	}
}

// passes fails the test unless execution 1 is absent and starts now.
func (f *faulty) passes() {
	f.Helper()
	_, _, err := f.Load(f.Context(), f.key(1))
	f.want(err, store.ErrNotFound)
	if err := f.start(1, 1); err != nil {
		f.Error(err)
	}
	if g, err := f.GraphByID(f.Context(), f.graph); err != nil || g.Executions != 1 {
		f.Errorf("%d executions, %v", g.Executions, err)
	}
}

func TestFullIsUnavailable(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	f.pragma("PRAGMA max_page_count = 1") // it becomes the present size
	f.want(f.start(1, 1<<20), store.ErrUnavailable)
	f.pragma("PRAGMA max_page_count = 1000000")
	f.passes()
}

func TestReadOnlyIsUnavailable(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	f.pragma("PRAGMA query_only = ON")
	f.want(f.start(1, 1), store.ErrUnavailable)
	f.pragma("PRAGMA query_only = OFF")
	f.passes()
}

func TestBusyIsUnavailable(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	var path string
	f.writing(func(c *conn) error {
		return c.row(t.Context(), "SELECT file FROM pragma_database_list WHERE name = 'main'", nil, &path)
	})
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	f.pragma("PRAGMA busy_timeout = 0")
	f.want(f.start(1, 1), store.ErrUnavailable)
	if _, err := db.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	f.passes()
}

func TestFailedCommitStopsAll(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	fail := true
	f.writing(func(c *conn) error {
		return c.sql.Raw(func(driver any) error {
			driver.(sqlite.HookRegisterer).RegisterCommitHook(func() int32 {
				if fail {
					return 1
				}
				return 0
			})
			return nil
		})
	})
	err := f.start(1, 1)
	f.want(err, store.ErrOutcomeUnknown)
	f.want(err, store.ErrStopped)
	fail = false

	_, _, loaded := f.Load(t.Context(), f.key(1))
	for _, err := range []error{
		f.start(2, 1),
		f.DeleteGraph(t.Context(), f.graph, 1),
		f.Renew(t.Context(), f.lease, time.Hour),
		loaded,
	} {
		f.want(err, store.ErrStopped)
		if errors.Is(err, store.ErrOutcomeUnknown) {
			t.Errorf("a call that was refused seems to be in doubt: %v", err)
		}
	}
}

func TestSoundVersions(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{
		"3.51.3": true, "3.51.10": true, "3.52.0": true, "4.0.0": true, "3.51.3.1": true,
		"3.51.2": false, "3.50.9": false, "3.9.0": false, "2.99.99": false, "3.51": false, "": false, "new": false,
	} {
		if got := sound(version); got != want {
			t.Errorf("sound(%q) is %v", version, got)
		}
	}
}

// BenchmarkChecksum is what a page costs more when it is read or written.
func BenchmarkChecksum(b *testing.B) {
	page := make([]byte, pageBytes)
	b.SetBytes(pageBytes)
	for b.Loop() {
		seal(page, 0)
	}
}
