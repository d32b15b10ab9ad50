package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// The modes of what we make: executions hold whatever their users put in.
const (
	directoryMode = 0o700
	fileMode      = 0o600
)

// directory is a data directory that this process has locked.
type directory struct {
	path     string
	database string
	mark     string
	lock     *flock.Flock
}

// openDirectory makes what is missing of the directory and locks it. The lock
// belongs to the process and ends with it. It is taken before the database is
// touched: SQLite's own locks are lost if the process closes a file of it.
func openDirectory(path string) (*directory, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(path, directoryMode); err != nil {
		return nil, err
	}
	d := &directory{
		path:     path,
		database: filepath.Join(path, "heddle.db"),
		mark:     filepath.Join(path, "acknowledged"),
		lock:     flock.New(filepath.Join(path, "lock"), flock.SetPermissions(fileMode)),
	}
	switch locked, err := d.lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("lock: %w", err)
	case !locked:
		return nil, ErrLocked
	}
	// SQLite gives its other files the mode of this one.
	f, err := os.OpenFile(d.database, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, errors.Join(err, d.unlock())
	}
	return d, f.Close()
}

func (d *directory) unlock() error { return d.lock.Close() }

// sync makes the names of new files survive a power cut, and that of the
// directory itself.
func (d *directory) sync() error {
	for _, path := range []string{d.path, filepath.Dir(d.path)} {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return fmt.Errorf("sync directory: %w", err)
		}
	}
	return nil
}

// What the connections are set to. The write-ahead log is moved into the
// database when it has grown by 32 MiB, by the commit that comes upon it: pages
// that every commit changes are then written there once for thousands of turns,
// and the commits that take longer for it are one in hundreds. The caches
// together are bounded by 32 MiB. fullfsync matters on macOS only.
const (
	writerPragmas = `busy_timeout(5000) journal_mode(WAL) synchronous(FULL) fullfsync(ON) foreign_keys(ON)
		wal_autocheckpoint(8192) journal_size_limit(67108864) cache_size(-16384) temp_store(MEMORY)`
	readerPragmas = `busy_timeout(5000) query_only(ON) cache_size(-4096) temp_store(MEMORY)`
)

// dataSource names a database to the driver.
func dataSource(path, pragmas string) string {
	name := url.URL{
		Scheme: "file",
		Path:   path,
		RawQuery: url.Values{
			"vfs":        {checkedVFS},
			"_dqs":       {"0"},
			"_defensive": {"1"},
			"_pragma":    strings.Fields(pragmas),
		}.Encode(),
	}
	return name.String()
}

// checkEngine makes sure that the library and the disk can keep our promises.
func checkEngine(ctx context.Context, db *sql.DB) error {
	var version, mode string
	var synchronous int
	if err := errors.Join(
		db.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version),
		db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode),
		db.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&synchronous),
	); err != nil {
		return err
	}
	if !sound(version) {
		return fmt.Errorf("SQLite %s can damage a database: %s is needed", version, soundFrom)
	}
	const full = 2
	if mode != "wal" || synchronous != full {
		return fmt.Errorf("SQLite runs with journal_mode=%s and synchronous=%d instead of wal and %d", mode, synchronous, full)
	}
	return nil
}
