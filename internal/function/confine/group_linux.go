package confine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// add puts a process into the group.
func (g *group) add(pid int) error {
	if g == nil {
		return nil
	}
	for _, path := range g.paths {
		if err := write(path, "cgroup.procs", strconv.Itoa(pid)); err != nil {
			return fmt.Errorf("put a process into its control group: %w", err)
		}
	}
	return nil
}

// processes returns who is in the group.
func (g *group) processes() []int {
	var pids []int
	if g == nil || len(g.paths) == 0 {
		return nil
	}
	text, _ := os.ReadFile(filepath.Join(g.paths[len(g.paths)-1], "cgroup.procs"))
	for field := range strings.FieldsSeq(string(text)) {
		if pid, err := strconv.Atoi(field); err == nil && pid > 0 {
			pids = append(pids, pid)
		}
	}
	return pids
}

// kill kills everything in the group. The file that does it at once is younger
// than v2.
func (g *group) kill() {
	if g == nil || len(g.paths) == 0 {
		return
	}
	if g.version == "v2" && write(g.paths[0], "cgroup.kill", "1") == nil {
		return
	}
	for _, pid := range g.processes() {
		syscall.Kill(pid, syscall.SIGKILL)
	}
}

// emptied waits until nothing is left in the group, and kills on: something may
// have been forked while it was being killed.
func (g *group) emptied(until time.Time) {
	for len(g.processes()) > 0 && time.Now().Before(until) {
		g.kill()
		time.Sleep(time.Millisecond)
	}
}

// remove removes the group. For a moment after the end of the last process the
// system may say that it is busy.
func (g *group) remove() error {
	if g == nil {
		return nil
	}
	var problems []error
	if g.peakFile != nil {
		problems = append(problems, g.peakFile.Close())
	}
	for _, path := range g.paths {
		err := os.Remove(path)
		for try := 0; errors.Is(err, syscall.EBUSY) && try < 100; try++ {
			time.Sleep(time.Millisecond)
			err = os.Remove(path)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("remove a control group: %w", err))
		}
	}
	if g.all != nil {
		g.all.remove()
	}
	return errors.Join(problems...)
}

// outOfMemory reports whether the system has killed something for want of memory
// in the group.
func (g *group) outOfMemory() bool {
	if g == nil {
		return false
	}
	file := "memory.oom_control"
	if g.version == "v2" {
		file = "memory.events"
	}
	text, _ := os.ReadFile(filepath.Join(g.paths[0], file))
	for line := range strings.Lines(string(text)) {
		if count, ok := strings.CutPrefix(line, "oom_kill "); ok {
			return strings.TrimSpace(count) != "0"
		}
	}
	return false
}

// peak returns the most bytes that the group has held. It is called after each
// call of a function, so the file stays open. Calls must not overlap.
func (g *group) peak() (bytes int64, ok bool) {
	if g == nil {
		return 0, false
	}
	file := "memory.max_usage_in_bytes"
	if g.version == "v2" {
		file = "memory.peak"
	}
	if g.peakFile == nil {
		opened, err := os.Open(filepath.Join(g.paths[0], file))
		if err != nil {
			return 0, false
		}
		g.peakFile = opened
	}
	var text [32]byte
	n, _ := g.peakFile.ReadAt(text[:], 0) // to the end of the file, which is an error
	bytes, err := strconv.ParseInt(strings.TrimSpace(string(text[:n])), 10, 64)
	return bytes, err == nil
}
