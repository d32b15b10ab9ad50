// Package drivers compares the pure-Go SQLite drivers on Heddle's write
// pattern: WAL, synchronous=FULL, and one transaction for a group of turns.
package drivers

// turn is what one start of an execution writes.
type turn struct {
	id      []byte
	name    string
	started int64
	records []byte
}

// connection is one open database behind one candidate. It is used by one goroutine.
type connection interface {
	version() (string, error)
	// commit writes the turns in one transaction.
	commit(turns []turn) error
	// read returns the records of an execution.
	read(id []byte) ([]byte, error)
	close() error
}

// candidates are the ways to reach SQLite that are compared.
var candidates = []struct {
	name string
	open func(path string) (connection, error)
}{
	{"modernc-sql", openModernc},
	{"modernc-driver", openModerncDriver},
	{"zombiezen", openZombiezen},
	{"ncruces", openNcruces},
	{"ncruces-sql", openNcrucesSQL},
}

const (
	pragmas = `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;`

	schema = `
CREATE TABLE executions (
    graph INTEGER NOT NULL, id BLOB NOT NULL, name TEXT NOT NULL,
    revision INTEGER NOT NULL, status TEXT NOT NULL, seq INTEGER NOT NULL,
    started_at INTEGER NOT NULL, stopped_at INTEGER NOT NULL, wake INTEGER NOT NULL,
    PRIMARY KEY (graph, id)) WITHOUT ROWID;
CREATE INDEX executions_by_name ON executions (graph, name, id);
CREATE TABLE journal (
    execution BLOB NOT NULL, seq INTEGER NOT NULL, records BLOB NOT NULL,
    PRIMARY KEY (execution, seq)) WITHOUT ROWID;`

	insertExecution = `
INSERT INTO executions (graph, id, name, revision, status, seq, started_at, stopped_at, wake)
VALUES (1, ?, ?, 1, 'SUCCESS', 10, ?, ?, -1)`

	insertJournal = `INSERT INTO journal (execution, seq, records) VALUES (?, 10, ?)`

	selectJournal = `SELECT records FROM journal WHERE execution = ? ORDER BY seq`

	selectVersion = `SELECT sqlite_version()`
)
