package postgres_test

import (
	"errors"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"testing"

	"heddle/internal/store"
	"heddle/internal/store/mark"
	"heddle/internal/store/postgres"
	"heddle/internal/store/schema"
)

// refused fails the test unless the store cannot be opened for that reason.
func refused(t *testing.T, cfg postgres.Config, reason error) {
	t.Helper()
	st, err := postgres.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err == nil {
		st.Close()
	}
	want(t, err, reason)
}

func closed(t *testing.T, st *postgres.Store) {
	t.Helper()
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	closed(t, d.open(t, "a"))
	d.exec(t, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (4711, true)")
	refused(t, d.config("a"), schema.ErrNewer)
}

func TestUnsafeSettingsAreRefused(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	for setting, reason := range map[string]error{
		"synchronous_commit=off":          postgres.ErrUnsafe,
		"synchronous_commit=local":        postgres.ErrUnsafe,
		"synchronous_commit=remote_write": postgres.ErrUnsafe,
		"synchronous_commit=remote_apply": nil,
	} {
		cfg := d.config("a")
		cfg.URL = d.url(setting)
		t.Log(setting)
		refused(t, cfg, reason)
	}
}

func TestUnreachableServerIsUnavailable(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	cfg := postgres.Config{URL: "postgres://u:secret@" + l.Addr().String() + "/d", Node: "a", MarkFile: t.TempDir() + "/a"}
	st, err := postgres.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err == nil {
		st.Close()
	}
	want(t, err, store.ErrUnavailable)
	if err != nil && strings.Contains(err.Error(), "secret") {
		t.Errorf("the error tells the password: %v", err)
	}
}

func TestNodesOpenAtOnce(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	var opening sync.WaitGroup
	for _, name := range []string{"a", "b", "c"} {
		opening.Go(func() {
			st, err := postgres.Open(t.Context(), d.config(name), slog.New(slog.DiscardHandler))
			if err != nil {
				t.Error(err)
				return
			}
			if err := st.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	opening.Wait()
}

func TestClose(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	st := d.open(t, "a")
	closed(t, st)
	closed(t, st)
	if _, err := st.GraphByName(t.Context(), "p", "video"); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("read after Close: %v", err)
	}
	if _, err := st.CreateGraph(t.Context(), store.Graph{Project: "p", Name: "video"}, "text", store.References{}); err == nil {
		t.Error("writes after Close")
	}
}

func TestLossIsRefusedAtOpen(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	n := newNode(t, d.config("a")).prepare()
	n.passes(1)
	closed(t, n.Store)
	d.exec(t, "UPDATE nodes SET commit_number = commit_number - 1")
	refused(t, d.config("a"), mark.ErrBehind)

	closed(t, d.open(t, "b")) // it has acknowledged nothing
	cfg := d.config("a")
	cfg.AcceptDataLoss = true
	closed(t, opened(t, cfg))
	closed(t, d.open(t, "a"))
	if err := os.WriteFile(cfg.MarkFile, []byte("many\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if st, err := postgres.Open(t.Context(), d.config("a"), slog.New(slog.DiscardHandler)); err == nil {
		closed(t, st)
		t.Error("opened with a mark that says nothing")
	}
}

// What a failover to a standby that lagged behind looks like.
func TestLossIsRefusedWhileRunning(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]string{
		"commits": "UPDATE nodes SET commit_number = commit_number - 1",
		"all":     "DELETE FROM nodes",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDatabase(t)
			n := newNode(t, d.config("a")).prepare()
			n.passes(1)
			d.exec(t, lose)
			err := n.start(2)
			want(t, err, mark.ErrBehind)
			want(t, err, store.ErrStopped)
			_, _, err = n.Load(t.Context(), n.key(1))
			want(t, err, store.ErrStopped)
			var stored int
			if err := d.admin.QueryRow(t.Context(), "SELECT count(*) FROM executions").Scan(&stored); err != nil || stored != 1 {
				t.Errorf("%d executions are stored, %v", stored, err)
			}
		})
	}
}

func TestLossIsRefusedByReads(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]string{
		"commits": "UPDATE nodes SET commit_number = commit_number - 1",
		"tables":  "DROP TABLE nodes",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDatabase(t)
			n := newNode(t, d.config("a")).prepare()
			n.passes(1)
			d.exec(t, lose)
			d.terminate(t)
			_, _, err := n.Load(t.Context(), n.key(1))
			want(t, err, mark.ErrBehind)
			want(t, err, store.ErrStopped)
		})
	}
}
