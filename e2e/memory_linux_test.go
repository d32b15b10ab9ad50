package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestLittleMemory gives the server as little memory as a small container has,
// under a load of many that wait and many that move, with the largest inputs. It
// must not be killed for want of memory.
func TestLittleMemory(t *testing.T) {
	t.Parallel()
	const most, clients = 256 << 20, 200
	waiting, lasts := amount(500, 100_000), time.Duration(amount(1, 40))*time.Second
	functions := newLedger(t)
	s := newServer(t, functions)
	s.env = []string{"GOMEMLIMIT=200MiB"}
	cage := newMemoryCage(t, most)
	s.prepare = func(p *exec.Cmd) (started func()) {
		return func() { cage.lock(p.Process.Pid) }
	}
	s.start()
	sleeper, err := s.createGraph("sleeper", states(`"wait":{"type":"DELAY","start":true,"time-delay":86400,"next-state":"end"}`))
	if err != nil {
		t.Fatal(err)
	}
	echo, err := s.createGraph("echo", states(operation("work", `"SEQUENTIAL"`, `"start":true,"next-state":"end"`, "echo", "echo")))
	if err != nil {
		t.Fatal(err)
	}
	started := s.crowd(t, clients, func(client, n int) bool { return client+n*clients < waiting }, sleeper, "{}")
	if started != waiting {
		t.Errorf("%d of %d that wait were started", started, waiting)
	}
	life, end := context.WithTimeout(t.Context(), lasts)
	defer end()
	large := `{"n":0,"text":"` + strings.Repeat("x", 32000) + `"}`
	moving := s.crowd(t, clients, func(int, int) bool { return life.Err() == nil }, echo, large)
	for _, x := range s.awaitAll(t, echo) {
		if x.Status != "SUCCESS" {
			t.Errorf("%s ended %s", x.URN, x.Status)
		}
	}
	t.Logf("%d wait, %d have moved, %d MiB at the most", waiting, moving, cage.highest()>>20)
	if killed := cage.killed(); killed > 0 {
		t.Errorf("it was killed %d times for want of memory", killed)
	}
	s.drain()
}

// crowd lets clients start executions as long as each wants another, and
// returns how many were acknowledged. A refusal is no fault.
func (s *server) crowd(t *testing.T, clients int, more func(client, n int) bool, graph, input string) (started int) {
	t.Helper()
	var all sync.WaitGroup
	counts := make([]int, clients)
	for client := range clients {
		all.Go(func() {
			for n := 0; more(client, n); n++ {
				for {
					a, err := s.startExecution(graph, "e", input, "")
					if err != nil {
						t.Errorf("a start got no answer: %v", err)
						return
					}
					if a.status == 200 {
						counts[client]++
						break
					}
					if c := a.code(); c != "FGS.9003" && c != "FGS.9004" {
						t.Errorf("a start was answered %v", a)
						return
					}
					pause(t.Context(), 100*time.Millisecond)
				}
			}
		})
	}
	all.Wait()
	for _, n := range counts {
		started += n
	}
	return started
}

// memoryCage is a control group with a limit of memory.
type memoryCage struct {
	t   *testing.T
	dir string
}

// newMemoryCage makes a group below that of this process. It knows the first
// version of control groups only, and skips the test where there is none.
func newMemoryCage(t *testing.T, bytes int) *memoryCage {
	t.Helper()
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		t.Skipf("there are no control groups here: %v", err)
	}
	var group string
	for line := range strings.Lines(string(own)) {
		if fields := strings.SplitN(strings.TrimSpace(line), ":", 3); len(fields) == 3 && fields[1] == "memory" {
			group = fields[2]
		}
	}
	if group == "" {
		t.Skip("there are no control groups of version 1 with memory here")
	}
	c := &memoryCage{t: t, dir: filepath.Join("/sys/fs/cgroup/memory", group, fmt.Sprintf("heddle-e2e-%d", os.Getpid()))}
	if err := os.Mkdir(c.dir, 0o755); err != nil {
		t.Skipf("no control group can be made here: %v", err)
	}
	t.Cleanup(func() {
		// It can be removed once the kernel has put the last process away.
		eventually(t, "the control group is removed", func() bool {
			below, err := filepath.Glob(filepath.Join(c.dir, "*", "cgroup.procs")) // of a server that was killed
			for _, file := range below {
				err = os.Remove(filepath.Dir(file))
			}
			return err == nil && os.Remove(c.dir) == nil
		})
	})
	c.write("memory.limit_in_bytes", bytes)
	return c
}

func (c *memoryCage) lock(pid int) { c.write("cgroup.procs", pid) }

func (c *memoryCage) highest() int { return c.number("memory.max_usage_in_bytes", 0) }

func (c *memoryCage) killed() int { return c.number("memory.oom_control", 5) }

func (c *memoryCage) write(name string, value int) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(strconv.Itoa(value)), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// number returns a word of a file of the group.
func (c *memoryCage) number(name string, word int) int {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		c.t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.Fields(string(text))[word])
	if err != nil {
		c.t.Fatal(err)
	}
	return n
}
