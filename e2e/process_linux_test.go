package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// processorTime returns the time that the process has had on processors.
func (s *server) processorTime(t *testing.T) time.Duration {
	t.Helper()
	stat := s.proc(t, "stat")
	var ticks int
	for _, field := range strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])[11:13] { // in user and in kernel mode
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	const ticksPerSecond = 100 // on every Linux
	return time.Duration(ticks) * time.Second / ticksPerSecond
}

// resident returns the bytes of memory that the process holds.
func (s *server) resident(t *testing.T) int {
	t.Helper()
	var size, pages int
	if _, err := fmt.Sscan(s.proc(t, "statm"), &size, &pages); err != nil {
		t.Fatal(err)
	}
	return pages * unix.Getpagesize()
}

// openFiles returns how many files the process has open, sockets among them.
func (s *server) openFiles(t *testing.T) int {
	t.Helper()
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.process.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

// proc reads what the kernel says of the process.
func (s *server) proc(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", s.process.Process.Pid, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// freeze stops all threads of the process where they are. What the kernel does
// for them at the moment goes on, but they learn nothing of it.
func (s *server) freeze(t *testing.T) {
	t.Helper()
	if err := s.process.Process.Signal(unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all threads stand still", func() bool {
		threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", s.process.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		return !slices.ContainsFunc(threads, func(path string) bool {
			stat, err := os.ReadFile(path)
			return err == nil && strings.HasPrefix(string(stat[bytes.LastIndexByte(stat, ')')+1:]), " R")
		})
	})
}
