package sqlite_test

import (
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"heddle/internal/store/schema"
	"heddle/internal/store/sqlite"
)

// refused fails the test unless the directory cannot be opened for that reason.
func refused(t *testing.T, dir string, want error) {
	t.Helper()
	st, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir}, slog.New(slog.DiscardHandler))
	if err == nil {
		st.Close()
	}
	if !errors.Is(err, want) {
		t.Fatalf("open: got %v, want %v", err, want)
	}
	if !strings.Contains(err.Error(), dir) {
		t.Errorf("the error does not name the directory: %v", err)
	}
}

func closed(t *testing.T, st *sqlite.Store) {
	t.Helper()
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestSecondServerIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := open(t, dir)
	refused(t, dir, sqlite.ErrLocked)
	if _, err := first.CreateGraph(t.Context(), video, "text", noReferences); err != nil {
		t.Errorf("after the refusal: %v", err)
	}
	closed(t, first)
	closed(t, open(t, dir))
}

func TestClose(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st := open(t, dir)
	closed(t, st)
	closed(t, st)
	if files, err := os.ReadDir(dir); err != nil || len(files) != 3 {
		t.Errorf("files %v are left, %v; want the database, the mark and the lock", files, err)
	}
	if _, err := st.GraphByName(t.Context(), "p", "video"); err == nil {
		t.Error("reads after Close")
	}
	if _, err := st.CreateGraph(t.Context(), video, "text", noReferences); err == nil {
		t.Error("writes after Close")
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	closed(t, open(t, dir))
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "heddle.db")+"?vfs=heddle-checked")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (4711, 1)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	refused(t, dir, schema.ErrNewer)
}

func TestDamagedDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func([]byte){
		"no header": func(b []byte) { copy(b, "no database at all") },
		"no schema": func(b []byte) { clear(b[100:4096]) },
	} {
		dir := t.TempDir()
		closed(t, open(t, dir))
		path := filepath.Join(dir, "heddle.db")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		damage(b)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		t.Log(name)
		refused(t, dir, sqlite.ErrCorrupt)
	}
}

func TestFileModes(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "data")
	st := open(t, dir)
	defer closed(t, st)
	if _, err := st.CreateGraph(t.Context(), video, "text", noReferences); err != nil {
		t.Fatal(err)
	}
	want := map[string]os.FileMode{
		".": 0o700 | os.ModeDir, "heddle.db": 0o600, "heddle.db-wal": 0o600, "heddle.db-shm": 0o600,
		"acknowledged": 0o600, "lock": 0o600,
	}
	for name, mode := range want {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		} else if info.Mode() != mode {
			t.Errorf("%s has mode %v, want %v", name, info.Mode(), mode)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(want)-1 {
		t.Errorf("%d files, %v", len(entries), err)
	}
}

func TestDirectoryMayHaveAnyName(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a b?c=d&e%20#f;é")
	st := open(t, dir)
	defer closed(t, st)
	if _, err := os.Stat(filepath.Join(dir, "heddle.db-wal")); err != nil {
		t.Error(err)
	}
}
