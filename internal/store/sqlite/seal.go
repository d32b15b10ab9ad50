package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// Where the header of a database file says how long a page is, and how many bytes
// at its end SQLite leaves alone.
const (
	pageSizeAt = 16
	reservedAt = 20
)

// sealDatabase makes sure that every page of a database file has its checksum,
// and registers the layer that looks after them. A file that is new gets them
// from its first page on. One that another program has made gets them now: a
// copy by VACUUM INTO has the room, and what sqlite3's .recover wrote is given
// it. It is done when the first page has its checksum, which is the last to get
// one, so that a crash in between does no harm.
func sealDatabase(path string) error {
	if err := registerChecked(); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	page := make([]byte, pageBytes)
	switch n, err := f.ReadAt(page, 0); {
	case err != nil && !errors.Is(err, io.EOF):
		return err
	case n == 0, interrupted(path), page[reservedAt] == 0 && !loosened(page): // SQLite says if it is no database
		if err := reserve(path); err != nil {
			return fmt.Errorf("make room for checksums: %w", err)
		}
	case binary.BigEndian.Uint32(page[pageBytes-checksumBytes:]) != 0:
		// If it is not the right one, that is for SQLite to find out: a power cut may
		// have torn the page, and a whole one is in the log.
		return nil
	}
	return sealPages(f, page)
}

// interrupted reports whether a crash has left a rewriting of the database
// half done. SQLite undoes it when it opens the file.
func interrupted(path string) bool {
	_, err := os.Stat(path + "-journal")
	return err == nil
}

// loosened reports whether a page that is said to have no room for a checksum
// has one.
func loosened(page []byte) bool {
	restored := append([]byte{}, page...)
	restored[reservedAt] = checksumBytes
	return sealed(restored, 0)
}

// sealPages seals the pages of a file, the first one last, and syncs it.
func sealPages(f *os.File, page []byte) error {
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if _, err := f.ReadAt(page, 0); err != nil {
		return err
	}
	if size := binary.BigEndian.Uint16(page[pageSizeAt:]); size != pageBytes || page[reservedAt] != checksumBytes {
		return fmt.Errorf("%w: it has pages of %d bytes, %d of them reserved", ErrCorrupt, size, page[reservedAt])
	}
	for offset := end - end%pageBytes - pageBytes; offset >= 0; offset -= pageBytes {
		if _, err := f.ReadAt(page, offset); err != nil {
			return err
		}
		seal(page, offset)
		if offset == 0 {
			if err := f.Sync(); err != nil {
				return err
			}
		}
		if _, err := f.WriteAt(page, offset); err != nil {
			return err
		}
	}
	return f.Sync()
}

// applicationID marks a database file as ours, for programs that tell files
// apart by their content. It reads "Hedl".
const applicationID = 0x4865646c

// reserve makes a database, or rewrites one, so that its pages have room for
// checksums. No driver gives access to that, so it is done below it.
func reserve(path string) error {
	tls := libc.NewTLS()
	defer tls.Close()
	name, err := libc.CString(path)
	if err != nil {
		return err
	}
	defer libc.Xfree(tls, name)
	// What SQLite writes to must not lie on a stack of Go's, which may move.
	const size = 8
	result := tls.Alloc(2 * size)
	defer tls.Free(2 * size)
	room := result + size
	*(*int32)(at(room)) = checksumBytes
	rc := lib.Xsqlite3_open_v2(tls, name, result, lib.SQLITE_OPEN_READWRITE, 0)
	db := *(*uintptr)(at(result))
	exec := func(statements string) {
		if text, err := libc.CString(statements); rc == lib.SQLITE_OK && err == nil {
			rc = lib.Xsqlite3_exec(tls, db, text, 0, 0, 0)
			libc.Xfree(tls, text)
		}
	}
	exec(fmt.Sprintf("PRAGMA journal_mode = DELETE; PRAGMA page_size = %d", pageBytes)) // which takes the room away
	if rc == lib.SQLITE_OK {
		rc = lib.Xsqlite3_file_control(tls, db, 0, lib.SQLITE_FCNTL_RESERVE_BYTES, room)
	}
	exec(fmt.Sprintf("VACUUM; PRAGMA application_id = %d", applicationID))
	var reason error
	if rc != lib.SQLITE_OK {
		reason = errors.New(libc.GoString(lib.Xsqlite3_errmsg(tls, db)))
	}
	if rc := lib.Xsqlite3_close(tls, db); rc != lib.SQLITE_OK {
		reason = errors.Join(reason, fmt.Errorf("close: SQLite's code %d", rc))
	}
	return reason
}
