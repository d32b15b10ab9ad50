package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestDiskFails makes the disk refuse to take or to keep what is written to it.
// Nobody can know then what has been stored: the start is answered so, the
// process ends, and nothing that was acknowledged before is lost.
func TestDiskFails(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]string{
		"fsync": "fsync,fdatasync:error=EIO",
		"write": "pwrite64:error=EIO",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, nil)
			s.start()
			graph, err := s.createGraph("pass", graphs()[0].definition)
			if err != nil {
				t.Fatal(err)
			}
			var acknowledged []string
			for range 20 {
				acknowledged = append(acknowledged, s.mustStartOf(t, graph, "{}"))
			}
			s.inject(t, fault)
			a, err := s.startExecution(graph, "doubtful", "{}", "")
			if err == nil && (a.status != http.StatusServiceUnavailable || a.code() != "FGS.9006") {
				t.Errorf("the start was answered %v, want 503 FGS.9006", a)
			}
			if code := s.awaitExit(); code <= 0 {
				t.Errorf("the server ended with the code %d, want one above 0", code)
			}
			s.start()
			for _, urn := range acknowledged {
				if x := s.awaitEnd(t, urn); x.Status != "SUCCESS" {
					t.Errorf("%s ended %s", urn, x.Status)
				}
			}
			s.mustStartOf(t, graph, "{}")
		})
	}
}

// inject makes system calls of the running process fail from now on.
func (s *server) inject(t *testing.T, fault string) {
	t.Helper()
	tool, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed, and nothing else here can make the disk fail")
	}
	log := filepath.Join(t.TempDir(), "strace.log")
	out, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	calls, _, _ := strings.Cut(fault, ":")
	strace := exec.Command(tool, "-f", "-p", fmt.Sprint(s.process.Process.Pid), "-e", "trace="+calls, "-e", "inject="+fault)
	strace.Stdout, strace.Stderr = out, out
	if err := strace.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		strace.Process.Signal(syscall.SIGTERM) // then it lets go of the process
		strace.Wait()
	})
	eventually(t, "strace is attached", func() bool {
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "not permitted") {
			t.Skipf("strace may not trace here: %s", text)
		}
		return strings.Contains(string(text), "attached")
	})
}

// TestDiskFull fills the disk under a running server: it refuses what it
// cannot store, still answers questions, and goes on once there is room.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir := mountSmall(t)
	s := newServerOn(t, filepath.Join(dir, "data"), nil)
	s.start()
	graph, err := s.createGraph("pass", graphs()[0].definition)
	if err != nil {
		t.Fatal(err)
	}
	acknowledged := []string{s.mustStartOf(t, graph, "{}")}
	filler := filepath.Join(dir, "filler")
	fill(t, filler)

	input := `"` + strings.Repeat("x", 30000) + `"`
	try := func() (refused bool) {
		a, err := s.startExecution(graph, "e", input, "")
		if err != nil {
			t.Fatal(err)
		}
		var started struct {
			URN string `json:"execution_urn"`
		}
		if a.into(&started) == nil {
			acknowledged = append(acknowledged, started.URN)
			return false
		}
		if a.status != http.StatusServiceUnavailable || a.code() != "FGS.9004" || a.header.Get("Retry-After") == "" {
			t.Fatalf("with a full disk a start was answered %v, want 503 FGS.9004 with Retry-After", a)
		}
		return true
	}
	eventually(t, "a start is refused", try)
	for range 20 {
		try()
		if x, err := s.show(acknowledged[0]); err != nil || x.Status != "SUCCESS" {
			t.Fatalf("with a full disk an execution shows %s, %v", x.Status, err)
		}
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a start is taken again", func() bool { return !try() })

	all, err := s.list(graph)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(acknowledged) {
		t.Errorf("%d starts were acknowledged and there are %d executions", len(acknowledged), len(all))
	}
	for _, urn := range acknowledged {
		if x := s.awaitEnd(t, urn); x.Status != "SUCCESS" {
			t.Errorf("%s ended %s", urn, x.Status)
		}
	}
	if code := s.terminate(); code != 0 {
		t.Errorf("the server ended with the code %d", code)
	}
}

// mountSmall returns a directory on a file system of its own, of a few megabytes.
func mountSmall(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("a file system for the test cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir
}

// fill writes a file until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 4096)
	for {
		_, err := f.Write(block)
		if errors.Is(err, syscall.ENOSPC) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestReadOnly gives the server a data directory that it cannot write to.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	for _, used := range []bool{false, true} {
		t.Run(fmt.Sprintf("used before %v", used), func(t *testing.T) {
			t.Parallel()
			dir := mountSmall(t)
			s := newServerOn(t, filepath.Join(dir, "data"), nil)
			if used {
				s.start()
				s.kill()
			}
			if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
				t.Skipf("a file system cannot be made read-only here: %v", err)
			}
			s.launch()
			if code := s.awaitExit(); code <= 0 {
				t.Errorf("the server ended with the code %d, want one above 0", code)
			}
			if said := s.tail(); !strings.Contains(said, s.dir) || !strings.Contains(said, "read-only") {
				t.Errorf("the server said: %s\nwant it to name %s and that it is read-only", said, s.dir)
			}
		})
	}
}
