// Package mark keeps the number of the last acknowledged commit in a file,
// outside the database. A database may come back without its newest commits and
// say nothing: its log was cut off, damaged or deleted, an old copy was put in
// its place, or a standby took over that lagged behind. Only this number tells.
//
// The package knows nothing of databases.
package mark

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// ErrBehind says that a database does not have what was acknowledged.
var ErrBehind = errors.New("the database is behind what was acknowledged")

// interval is how far the mark may lag behind.
const interval = time.Second

// fileMode is that of the other files of a data directory.
const fileMode = 0o600

// Mark is the highest acknowledged commit number. It is written after the
// commit that it names, so it is never ahead of what was on the disk, and in
// place, in one sector, so it needs no free space.
//
// Acknowledge may be called from any goroutine. The file belongs to Run as long
// as that runs; Check, Write and Close come before and after it.
type Mark struct {
	file         *os.File
	number       int64         // in the file
	acknowledged atomic.Int64  // what the file should say
	behind       chan struct{} // has a token if the file may not say it
}

// Open reads the mark, or makes one. A file that is new or empty marks nothing.
func Open(path string) (*Mark, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, err
	}
	m := &Mark{file: f, behind: make(chan struct{}, 1)}
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

// Acknowledge notes a commit. Run writes it down.
func (m *Mark) Acknowledge(number int64) {
	m.acknowledged.Store(number)
	select {
	case m.behind <- struct{}{}:
	default:
	}
}

// Run writes down what is acknowledged, soon after, until ctx ends. A write
// that fails is reported and done again with the next commit.
func (m *Mark) Run(ctx context.Context, log *slog.Logger) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-pause.C:
		case <-ctx.Done():
			return
		}
		select {
		case <-m.behind:
		case <-ctx.Done():
			return
		}
		if err := m.Write(m.acknowledged.Load()); err != nil {
			log.Error("the check for lost commits is out of date", "error", err)
		}
		pause.Reset(interval)
	}
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
	m.number = number
	return nil
}

// Close gives up the file.
func (m *Mark) Close() error { return m.file.Close() }
