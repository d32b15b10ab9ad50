package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"heddle/internal/store"
	"heddle/internal/store/sqlite"
)

const pageBytes = 4096

// stored is a directory that was closed, and what was read from it before.
type stored struct {
	dir     string
	graph   store.GraphID
	records [][]byte // by execution
}

// newStored stores executions, some of whose records go on in pages of their own.
func newStored(t *testing.T) *stored {
	t.Helper()
	s := &stored{dir: t.TempDir()}
	st := open(t, s.dir)
	defer closed(t, st)
	lease, err := st.Acquire(t.Context(), 0, "node", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if s.graph, err = st.CreateGraph(t.Context(), video, "text", noReferences); err != nil {
		t.Fatal(err)
	}
	for n := range 60 {
		records := bytes.Repeat([]byte{byte(n)}, 100+n%7*2000)
		outcomes, err := st.Commit(t.Context(), []store.Turn{{
			Lease:   lease,
			Head:    store.Head{Key: s.key(n), Name: "x", Seq: 1},
			Records: records,
		}})
		if err != nil || outcomes[0].Err != nil {
			t.Fatal(err, outcomes)
		}
		s.records = append(s.records, records)
	}
	return s
}

func (s *stored) key(n int) store.Key {
	return store.Key{Graph: s.graph, ID: store.ExecutionID{15: byte(n)}}
}

// read opens a copy with another database file, and reads all of it. It returns
// ErrCorrupt if it met damage, and fails the test if it read what is not so.
func (s *stored) read(t *testing.T, database []byte) error {
	t.Helper()
	dir := t.TempDir()
	put(t, dir, databaseFile, database)
	st, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer closed(t, st)
	ctx := context.WithoutCancel(t.Context())
	g, err := st.GraphByName(ctx, video.Project, video.Name)
	if err == nil && (g.ID != s.graph || int(g.Executions) != len(s.records)) {
		t.Errorf("the graph is read as %+v", g)
	}
	for n, want := range s.records {
		_, rows, loadErr := st.Load(ctx, s.key(n))
		if loadErr == nil && (len(rows) != 1 || !bytes.Equal(rows[0], want)) {
			t.Errorf("execution %d is read as something else", n)
		}
		err = errors.Join(err, loadErr)
	}
	return err
}

func (s *stored) database(t *testing.T) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(s.dir, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// flip returns a copy of a database in which one bit of a page is another.
func flip(database []byte, page int) []byte {
	flipped := bytes.Clone(database)
	flipped[page*pageBytes+rand.IntN(pageBytes)] ^= 1 << rand.IntN(8)
	return flipped
}

// One bit of each page in turn.
func TestAFlippedBitIsNoticed(t *testing.T) {
	t.Parallel()
	s := newStored(t)
	database := s.database(t)
	pages := len(database) / pageBytes
	noticed := 0
	for page := range pages {
		switch err := s.read(t, flip(database, page)); {
		case errors.Is(err, sqlite.ErrCorrupt):
			noticed++
		case err != nil:
			t.Errorf("page %d: %v", page+1, err)
		}
	}
	// What was not read is in indexes that no question here goes by.
	t.Logf("%d pages, %d damages noticed", pages, noticed)
	if noticed < pages/2 {
		t.Error("most should have been")
	}
}

// Pages that are whole, but stand where others belong.
func TestExchangedPagesAreNoticed(t *testing.T) {
	t.Parallel()
	s := newStored(t)
	database := s.database(t)
	exchanged := bytes.Clone(database)
	for page := 1; page+1 < len(database)/pageBytes; page += 2 {
		first, second := page*pageBytes, (page+1)*pageBytes
		copy(exchanged[first:], database[second:second+pageBytes])
		copy(exchanged[second:], database[first:first+pageBytes])
	}
	if err := s.read(t, exchanged); !errors.Is(err, sqlite.ErrCorrupt) {
		t.Errorf("got %v, want ErrCorrupt", err)
	}
}

// A database of another program, which kept no checksums, gets them when it is
// opened.
func TestAForeignDatabaseIsSealed(t *testing.T) {
	t.Parallel()
	s := newStored(t)
	for name, statement := range map[string]string{
		"with room":    "VACUUM INTO ?",
		"without room": "ATTACH ? AS other; PRAGMA other.page_size = 1024; CREATE TABLE other.t (x)",
	} {
		path := filepath.Join(t.TempDir(), databaseFile)
		db, err := sql.Open("sqlite", filepath.Join(s.dir, databaseFile))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(statement, path); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		closed(t, open(t, filepath.Dir(path)))
		database, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := database[16:21]; !bytes.Equal(got, []byte{pageBytes >> 8, 0, 2, 2, 4}) {
			t.Errorf("%s: the header has %v", name, got)
		}
		if err := s.read(t, flip(database, 0)); !errors.Is(err, sqlite.ErrCorrupt) {
			t.Errorf("%s: a flipped bit gives %v, want ErrCorrupt", name, err)
		}
	}
}

// A crash while checksums were filled in leaves the first page without.
func TestSealingGoesOn(t *testing.T) {
	t.Parallel()
	s := newStored(t)
	database := s.database(t)
	clear(database[pageBytes-4 : pageBytes])
	clear(database[3*pageBytes-4 : 3*pageBytes])
	if err := s.read(t, database); err != nil {
		t.Error(err)
	}
}

// A power cut may tear a page that is being moved from the log into the database.
// The log still has it.
func TestATornPageIsInTheLog(t *testing.T) {
	t.Parallel()
	dir, graph := fill(t, 10)
	path := filepath.Join(dir, databaseFile)
	database, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for half := pageBytes / 2; half < len(database); half += pageBytes {
		copy(database[half:half+pageBytes/2], bytes.Repeat([]byte("torn"), pageBytes/8))
	}
	put(t, dir, databaseFile, database)
	st := open(t, dir)
	defer closed(t, st)
	if n := executions(t, st, graph, 10); n != 10 {
		t.Errorf("%d executions of 10 are left", n)
	}
}

// A header that says that pages are longer, or shorter, is no way around.
func TestAnotherPageSizeIsNoticed(t *testing.T) {
	t.Parallel()
	s := newStored(t)
	for _, size := range []byte{0x02, 0x08, 0x20, 0x80} {
		database := s.database(t)
		database[16] = size
		if err := s.read(t, database); !errors.Is(err, sqlite.ErrCorrupt) {
			t.Errorf("pages of %d bytes give %v, want ErrCorrupt", int(size)<<8, err)
		}
	}
}
