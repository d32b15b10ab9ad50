package e2e

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// localFunction is a function that runs on the machine of a server.
type localFunction struct {
	*server
	path string // of its calls
}

// newLocal stores a function in Python.
func newLocal(t *testing.T, s *server, name, code string) localFunction {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("there is no python3")
	}
	a, err := s.call(http.MethodPost, "/v2/"+project+"/fgs/functions", map[string]any{
		"func_name": name, "package": "default", "runtime": "Python", "handler": "index.handler", "timeout": 60, "memory_size": 128,
		"code_type": "inline", "func_code": map[string]string{"file": base64.StdEncoding.EncodeToString([]byte(code))},
	}, nil)
	if err != nil || a.status != http.StatusOK {
		t.Fatalf("create the function: %v, %v", a, err)
	}
	return localFunction{s, "/v2/" + project + "/fgs/functions/" + function(name)}
}

// lines returns the lines of the function's log that begin with a word.
func (f localFunction) lines(t *testing.T, word string) []string {
	t.Helper()
	a, err := f.call(http.MethodGet, f.path+"/logs?marker=0&limit=1000", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var log struct{ Lines []struct{ Text string } }
	if err := a.into(&log); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, line := range log.Lines {
		if strings.HasPrefix(line.Text, word) {
			found = append(found, line.Text)
		}
	}
	return found
}

// TestKilledInALocalCall kills the server while a function runs that has left a
// process behind: nothing of it is left, and the next server makes the call again
// under the same invocation id.
func TestKilledInALocalCall(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	s.start()
	seconds := strconv.Itoa(2_000_000 + os.Getpid())
	f := newLocal(t, s, "slow", `
import subprocess, time
def handler(event, context):
    subprocess.Popen(["setsid", "sleep", "`+seconds+`"])
    print("call", context.getInvocationID(), context.getHeader("X-Heddle-State"), flush=True)
    time.sleep(2)
    return event
`)
	urn := s.mustStart(t, states(operation("work", `"SEQUENTIAL"`, `"start":true,"next-state":"end"`, "slow")), `{"n":1}`)
	eventually(t, "the function is called", func() bool { return len(f.lines(t, "call")) == 1 && sleeps(t, seconds) })
	s.kill()
	eventually(t, "nothing is left of the function", func() bool { return !sleeps(t, seconds) })
	s.start()
	if x := s.awaitEnd(t, urn); x.Status != "SUCCESS" {
		t.Errorf("the execution ended with %s", x.Status)
	}
	calls := f.lines(t, "call")
	if len(calls) != 2 || calls[0] != calls[1] || !strings.HasSuffix(calls[0], " work") {
		t.Errorf("the function was called as %q", calls)
	}
	s.drain()
	if sleeps(t, seconds) {
		t.Error("a process of the function is left")
	}
}

// TestLocalFailureReachesTheHistory has type, message and stack of an error in the
// history of the execution.
func TestLocalFailureReachesTheHistory(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	s.start()
	newLocal(t, s, "broken", "def handler(event, context):\n    return event['weft']\n")
	urn := s.mustStart(t, states(operation("work", `"SEQUENTIAL"`, `"start":true,"next-state":"end"`, "broken")), `{"n":1}`)
	x := s.awaitEnd(t, urn)
	a, err := s.call(http.MethodGet, base+"/cloud_graphs/executions/"+urn+"/history", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if x.Status != "FAILED" || !bytes.Contains(a.body, []byte(`KeyError: 'weft'`)) || !bytes.Contains(a.body, []byte("at handler (index.py:2)")) {
		t.Errorf("%s: %s", x.Status, a.body)
	}
}

// TestLocalFunctionsBeyondLoopback has them off there unless somebody allows them.
func TestLocalFunctionsBeyondLoopback(t *testing.T) {
	t.Parallel()
	for flags, want := range map[string]int{
		"":                                    http.StatusOK,
		"--local-functions=off":               http.StatusServiceUnavailable,
		"--insecure-http --listen=0.0.0.0:%s": http.StatusServiceUnavailable,
		"--insecure-http --listen=0.0.0.0:%s --local-functions=on": http.StatusOK,
	} {
		t.Run(flags, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, nil)
			_, port, _ := strings.Cut(s.address, ":")
			s.flags = strings.Fields(strings.ReplaceAll(flags, "%s", port))
			s.administered()
			s.start()
			s.login("admin", adminPassword)
			f := newLocal(t, s, "f", "def handler(event, context): return event\n")
			a, err := s.call(http.MethodPost, f.path+"/invocations", 1, nil)
			if err != nil || a.status != want {
				t.Errorf("got %v, %v, want %d", a, err, want)
			}
		})
	}
}

// TestLocalFunctionsSeeNothing has a function read what is the server's: its database,
// its keys, its logs, its configuration, the password file, its environment, memory.
func TestLocalFunctionsSeeNothing(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give functions users of their own")
	}
	s := newServer(t, nil)
	s.administered()
	s.env = []string{"HEDDLE_TEST_MARKER=marker"}
	s.start()
	s.login("admin", adminPassword)
	newVaultKey(t, s)
	f := newLocal(t, s, "reads", `
import os
def attempt(path):
    try:
        return os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1).decode("latin1")
    except OSError as error: return None
def handler(event, context):
    found = {path: attempt(path) for path in event}
    return {path: what for path, what in found.items() if what}
`)
	process := fmt.Sprintf("/proc/%d/", s.process.Process.Pid)
	password := ""
	if text, err := os.ReadFile(s.config); err == nil {
		_, password, _ = strings.Cut(string(text), "admin-password-file: ")
		password, _, _ = strings.Cut(password, "\n")
	}
	paths := []string{
		s.config, password, s.dir, filepath.Join(s.dir, "heddle.db"), filepath.Join(s.dir, "heddle.db-wal"), filepath.Join(s.dir, "secret.key"),
		filepath.Join(s.dir, "function-logs"), filepath.Join(s.dir, "functions"), filepath.Join(s.dir, "functions", "code"),
		process + "environ", process + "mem", process + "maps", process + "fd", process + "root", process + "cwd", "/proc/1/root/root", "/etc/shadow", "/run", "/dev/mem", "/dev/kmsg",
	}
	a, err := s.call(http.MethodPost, f.path+"/invocations", paths, nil)
	if err != nil || a.status != http.StatusOK || string(a.body) != "{}" {
		t.Errorf("it has read %v, %v", a, err)
	}
}

// sleeps reports whether there is a process "sleep" with that argument.
func sleeps(t *testing.T, argument string) bool {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range lines {
		line, _ := os.ReadFile(path) // that of a process that has ended meanwhile is empty
		if string(line) == fmt.Sprintf("sleep\x00%s\x00", argument) {
			return true
		}
	}
	return false
}
