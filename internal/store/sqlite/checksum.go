package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"sync"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// Every page of the database file ends with a checksum of itself and of its
// number, so that a disk that has changed a bit, or has put a page where another
// belongs, is found out when the page is read: SQLite itself would take most of
// that for data. SQLite leaves the last bytes of each page alone (they are
// reserved in the header of the file), and a layer around the files of its
// default VFS fills them in when a page is written and compares them when it is
// read. A page that is not as it was written is an SQLITE_IOERR_DATA.
//
// The write-ahead log has checksums of SQLite's own. Its pages come by here when
// they are moved into the database.
const (
	pageBytes     = 4096
	checksumBytes = 4
	checkedVFS    = "heddle-checked" // the layer's name among SQLite's VFSs
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum returns what the last bytes of a page should be.
func checksum(page []byte, offset int64) uint32 {
	var number [8]byte
	binary.BigEndian.PutUint64(number[:], uint64(offset/pageBytes+1))
	return crc32.Update(crc32.Checksum(number[:], castagnoli), castagnoli, page[:pageBytes-checksumBytes])
}

// seal fills in the checksum of a page.
func seal(page []byte, offset int64) {
	binary.BigEndian.PutUint32(page[pageBytes-checksumBytes:], checksum(page, offset))
}

// sealed reports whether a page has its checksum.
func sealed(page []byte, offset int64) bool {
	return binary.BigEndian.Uint32(page[pageBytes-checksumBytes:]) == checksum(page, offset)
}

// never reports whether a page was never written: the file may have holes where
// pages were free from the beginning.
func never(page []byte) bool { return [pageBytes]byte(page) == [pageBytes]byte{} }

// The methods of SQLite's interface that the layer has of its own.
type (
	openMethod     = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, outFlags uintptr) int32
	transferMethod = func(tls *libc.TLS, file, buffer uintptr, n int32, offset int64) int32
	fileMethod     = func(tls *libc.TLS, file uintptr) int32
)

// layer is the registered VFS, and checkedMethods the table of methods of one
// file. Both begin with what SQLite knows of them, and lie in its memory, not in
// Go's.
type (
	layer struct {
		lib.Tsqlite3_vfs
		plain uintptr // SQLite's default VFS
	}
	checkedMethods struct {
		lib.Tsqlite3_io_methods
		plain uintptr // those of the same file without checksums
	}
)

// registerChecked registers the layer, once for the process, as SQLite has it.
var registerChecked = sync.OnceValue(func() error {
	tls := libc.NewTLS()
	defer tls.Close()
	name, err := libc.CString(checkedVFS)
	if err != nil {
		return err
	}
	plain := lib.Xsqlite3_vfs_find(tls, 0)
	vfs := libc.Xcalloc(tls, 1, libc.Tsize_t(unsafe.Sizeof(layer{})))
	if plain == 0 || vfs == 0 {
		return errors.New("there is no default VFS, or no memory for another")
	}
	l := (*layer)(at(vfs))
	l.Tsqlite3_vfs, l.plain = *(*lib.Tsqlite3_vfs)(at(plain)), plain
	open := openMethod(openChecked)
	l.FpNext, l.FzName, l.FxOpen = 0, name, *(*uintptr)(unsafe.Pointer(&open))
	if rc := lib.Xsqlite3_vfs_register(tls, vfs, 0); rc != lib.SQLITE_OK {
		return fmt.Errorf("register VFS: SQLite's code %d", rc)
	}
	return nil
})

// openChecked opens a file as the default VFS does. If it is a database, its
// pages have checksums.
func openChecked(tls *libc.TLS, vfs, name, file uintptr, flags int32, outFlags uintptr) int32 {
	plain := (*layer)(at(vfs)).plain
	open := (*lib.Tsqlite3_vfs)(at(plain)).FxOpen
	rc := (*(*openMethod)(unsafe.Pointer(&open)))(tls, plain, name, file, flags, outFlags)
	if rc != lib.SQLITE_OK || flags&lib.SQLITE_OPEN_MAIN_DB == 0 {
		return rc
	}
	methods := libc.Xcalloc(tls, 1, libc.Tsize_t(unsafe.Sizeof(checkedMethods{})))
	if methods == 0 {
		return lib.SQLITE_NOMEM
	}
	f, m := (*lib.Tsqlite3_file)(at(file)), (*checkedMethods)(at(methods))
	m.Tsqlite3_io_methods, m.plain = *(*lib.Tsqlite3_io_methods)(at(f.FpMethods)), f.FpMethods
	f.FpMethods = methods
	read, write := transferMethod(readChecked), transferMethod(writeChecked)
	closing, characteristics := fileMethod(closeChecked), fileMethod(withoutSubpages)
	m.FxRead, m.FxWrite = *(*uintptr)(unsafe.Pointer(&read)), *(*uintptr)(unsafe.Pointer(&write))
	m.FxClose, m.FxDeviceCharacteristics = *(*uintptr)(unsafe.Pointer(&closing)), *(*uintptr)(unsafe.Pointer(&characteristics))
	return lib.SQLITE_OK
}

func closeChecked(tls *libc.TLS, file uintptr) int32 {
	methods := (*lib.Tsqlite3_file)(at(file)).FpMethods
	defer libc.Xfree(tls, methods)
	close := plainMethods(file).FxClose
	return (*(*fileMethod)(unsafe.Pointer(&close)))(tls, file)
}

func readChecked(tls *libc.TLS, file, buffer uintptr, n int32, offset int64) int32 {
	read := plainMethods(file).FxRead
	rc := (*(*transferMethod)(unsafe.Pointer(&read)))(tls, file, buffer, n, offset)
	if rc != lib.SQLITE_OK || n < pageBytesMin {
		return rc
	}
	// If pages are said to have another size, that is damage as well.
	if !whole(n, offset) || !sealed(bytesAt(buffer), offset) && !never(bytesAt(buffer)) {
		return lib.SQLITE_IOERR_DATA
	}
	return lib.SQLITE_OK
}

func writeChecked(tls *libc.TLS, file, buffer uintptr, n int32, offset int64) int32 {
	if whole(n, offset) {
		seal(bytesAt(buffer), offset)
	}
	write := plainMethods(file).FxWrite
	return (*(*transferMethod)(unsafe.Pointer(&write)))(tls, file, buffer, n, offset)
}

// withoutSubpages keeps SQLite from reading a page in part: that could not be
// checked.
func withoutSubpages(tls *libc.TLS, file uintptr) int32 {
	characteristics := plainMethods(file).FxDeviceCharacteristics
	return (*(*fileMethod)(unsafe.Pointer(&characteristics)))(tls, file) &^ lib.SQLITE_IOCAP_SUBPAGE_READ
}

// pageBytesMin is the least that SQLite allows. What it reads beside pages is
// shorter: the header of the file, before the page that it is in.
const pageBytesMin = 512

// whole reports whether a page is transferred.
func whole(n int32, offset int64) bool { return n == pageBytes && offset%pageBytes == 0 }

func plainMethods(file uintptr) *lib.Tsqlite3_io_methods {
	methods := (*checkedMethods)(at((*lib.Tsqlite3_file)(at(file)).FpMethods))
	return (*lib.Tsqlite3_io_methods)(at(methods.plain))
}

func bytesAt(page uintptr) []byte { return unsafe.Slice((*byte)(at(page)), pageBytes) }

// at is a pointer of SQLite's, whose memory the garbage collector does not know.
func at(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }
