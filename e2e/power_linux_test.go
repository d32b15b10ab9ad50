package e2e

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite" // registers the driver
)

// TestPowerCut cuts the power of the disk under load, again and again. What was
// not synced is gone then, also what other processes could have read before.
//
// The process stands still when that happens: a power cut leaves nobody who could
// say anything afterwards, but of the calls that it meets in the kernel, some
// syncs of files that grow return as if they had been done.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	d := newDisk(t)
	functions := newLedger(t)
	s := newServerOn(t, filepath.Join(d.dir, "data"), functions)
	rng := chance(t)
	s.start()
	l := newLoad(t, s, functions)
	for range amount(1, 10) {
		life, end := context.WithCancel(t.Context())
		loaded := make(chan struct{})
		go func() {
			defer close(loaded)
			l.run(life, t, rng, 6)
		}()
		pause(life, time.Duration(200+rng.IntN(1500))*time.Millisecond)
		s.freeze(t)
		d.cut()
		s.kill()
		end()
		<-loaded
		d.restore()
		s.start()
	}
	l.verify(t)
	s.drain()
	if found := integrity(t, filepath.Join(s.dir, databaseFile)); found != "ok" {
		t.Errorf("SQLite finds the database damaged: %s", found)
	}
}

// TestPowerCutLosesWhatIsNotSynced shows that the power cuts of TestPowerCut do
// harm: a program that writes as the server does, but does not wait for the
// disk, loses what it has committed.
func TestPowerCutLosesWhatIsNotSynced(t *testing.T) {
	t.Parallel()
	for _, synchronous := range []string{"FULL", "NORMAL"} {
		t.Run(synchronous, func(t *testing.T) {
			t.Parallel()
			d := newDisk(t)
			path := filepath.Join(d.dir, databaseFile)
			const rows = 200
			db := openDatabase(t, path, synchronous)
			mustExec(t, db, "CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)")
			for n := range rows {
				mustExec(t, db, "INSERT INTO t VALUES (?, hex(randomblob(200)))", n)
			}
			d.cut()
			db.Close() // it cannot do more than give up its files
			d.restore()

			db = openDatabase(t, path, synchronous)
			defer db.Close()
			found := 0
			// Without the table nothing is found either.
			_ = db.QueryRow("SELECT count(*) FROM t").Scan(&found)
			switch {
			case synchronous == "FULL" && found != rows:
				t.Errorf("%d of %d rows are left although each was synced", found, rows)
			case synchronous == "NORMAL" && found == rows:
				t.Error("nothing was lost: these power cuts prove nothing")
			}
			t.Logf("%d of %d rows are left", found, rows)
		})
	}
}

func openDatabase(t *testing.T, path, synchronous string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous("+synchronous+")")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

func mustExec(t *testing.T, db *sql.DB, text string, args ...any) {
	t.Helper()
	if _, err := db.Exec(text, args...); err != nil {
		t.Fatal(err)
	}
}

// integrity returns what SQLite finds wrong with a database: "ok" if nothing.
func integrity(t *testing.T, path string) (found string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&found); err != nil {
		return err.Error()
	}
	return found
}
