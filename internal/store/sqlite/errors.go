package sqlite

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"heddle/internal/store"
)

// Reasons for which Open refuses a data directory, and ErrCorrupt also
// ends a later call.
var (
	ErrLocked  = errors.New("the data directory is in use by another server")
	ErrCorrupt = errors.New("the database is damaged")
)

// errClosed answers calls after Close.
var errClosed = errors.New("the store is closed")

// full reports whether an error says that the disk had no room for a write. A
// failed sync has another code, whatever its reason.
func full(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == lib.SQLITE_FULL
}

// classify adds to a driver's error what it means for the caller. It is for
// errors after which nothing has been changed.
func classify(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	const primary = 0xff                   // the other bits of a code are details
	if e.Code() == lib.SQLITE_IOERR_DATA { // a page without its checksum
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	switch e.Code() & primary {
	case lib.SQLITE_FULL, lib.SQLITE_IOERR, lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN,
		lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_PROTOCOL, lib.SQLITE_NOMEM:
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return err
}
