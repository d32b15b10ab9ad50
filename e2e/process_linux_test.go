package e2e

import (
	"fmt"
	"os"
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
