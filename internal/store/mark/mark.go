// Package mark keeps the number of the last acknowledged commit in a file,
// outside the database. A database may come back without its newest commits and
// say nothing: its log was cut off, damaged or deleted, an old copy was put in
// its place, or a standby took over that lagged behind. Only this number tells.
//
// The package knows nothing of databases.
package mark

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ErrBehind says that a database does not have what was acknowledged.
var ErrBehind = errors.New("the database is behind what was acknowledged")

// interval is how far the mark may lag behind while there are commits.
const interval = time.Second

// fileMode is that of the other files of a data directory.
const fileMode = 0o600

// Mark is the highest acknowledged commit number. It is written after the
// commit that it names, so it is never ahead of what was on the disk, and in
// place, in one sector, so it needs no free space. One goroutine at a time may
// use it.
type Mark struct {
	file    *os.File
	number  int64
	written time.Time
}

// Open reads the mark, or makes one. A file that is new or empty marks nothing.
func Open(path string) (*Mark, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, err
	}
	m := &Mark{file: f}
	text, err := io.ReadAll(f)
	if err == nil && len(text) > 0 {
		m.number, err = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	}
	if err == nil {
		err = syncDirectory(filepath.Dir(path))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the last acknowledged commit number: %w", err), f.Close())
	}
	return m, nil
}

// syncDirectory makes the name of a new file survive a power cut.
func syncDirectory(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Check returns ErrBehind if a database that holds the commits up to the number
// has lost some that were acknowledged.
func (m *Mark) Check(number int64) error {
	if number < m.number {
		return fmt.Errorf("%w: it holds commits up to %d, of %d", ErrBehind, number, m.number)
	}
	return nil
}

// Acknowledge notes a commit, in the file at most once in a while.
func (m *Mark) Acknowledge(number int64) error {
	if time.Since(m.written) < interval {
		return nil
	}
	return m.Write(number)
}

// Write puts a number in place of the former one. The digits are of one length,
// so that nothing of a longer one remains.
func (m *Mark) Write(number int64) error {
	if number == m.number {
		return nil
	}
	if _, err := m.file.WriteAt(fmt.Appendf(nil, "%019d\n", number), 0); err != nil {
		return fmt.Errorf("write the last acknowledged commit number: %w", err)
	}
	if err := m.file.Sync(); err != nil {
		return fmt.Errorf("sync the last acknowledged commit number: %w", err)
	}
	m.number, m.written = number, time.Now()
	return nil
}

// Close gives up the file.
func (m *Mark) Close() error { return m.file.Close() }
