package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// resident returns the bytes of memory that the server holds.
func (s *server) resident() (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, "VmRSS:"); found {
			kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, errors.New("/proc tells no VmRSS")
}

// clockTick is the unit in which /proc counts processor time: on Linux always
// a hundredth of a second.
const clockTick = 10 * time.Millisecond

// cpu returns the processor time that the server has used.
func (s *server) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.process.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The fields after the name, which stands in parentheses, begin with the
	// third; user and system time are the 14th and 15th.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 13 {
		return 0, errors.New("/proc tells no processor time")
	}
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read processor time: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick, nil
}

// stored returns the bytes of all files in the data directory, the log of
// SQLite included, or those of the tables in PostgreSQL, indexes included.
func (s *server) stored(ctx context.Context) (int64, error) {
	if s.schema != nil {
		return s.schema.stored(ctx)
	}
	var total int64
	err := filepath.WalkDir(filepath.Join(s.dir, "data"), func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // SQLite's own files come and go
		}
		if err != nil {
			return err
		}
		total += info.Size()
		return nil
	})
	return total, err
}
