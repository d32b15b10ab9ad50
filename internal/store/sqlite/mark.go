package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// markInterval is how far the mark may lag behind while there are commits.
const markInterval = time.Second

// mark is the highest acknowledged commit number, kept in a file beside the
// database: SQLite opens a database whose write-ahead log was cut off, damaged
// or deleted without a word, and only this number tells that something is gone.
//
// It is written after the commit that it names, so it is never ahead of what
// was on the disk, and in place, in one sector, so it needs no free space.
type mark struct {
	file    *os.File
	number  int64
	written time.Time
}

// openMark reads the mark. A file that is new or empty marks nothing.
func openMark(path string) (*mark, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, err
	}
	m := &mark{file: f}
	text, err := io.ReadAll(f)
	if err == nil && len(text) > 0 {
		m.number, err = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the last acknowledged commit number: %w", err), f.Close())
	}
	return m, nil
}

// due reports whether a number should be written now.
func (m *mark) due() bool { return time.Since(m.written) >= markInterval }

// write puts a number in place of the former one. The digits are of one length,
// so that nothing of a longer one remains.
func (m *mark) write(number int64) error {
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
