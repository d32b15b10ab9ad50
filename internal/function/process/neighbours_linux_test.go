package process_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"heddle/internal/function/process"
)

// TestNeighbours has an instance look for that of another project: its processes,
// its memory, its files. The other one is told where it is, which it could not know
// by itself.
func TestNeighbours(t *testing.T) {
	t.Parallel()
	need(t, "python3")
	g := newRig(t, process.Config{})
	if !strings.Contains(g.isolation(), "namespaces") {
		t.Skip("namespaces are refused here")
	}
	marker := "neighbour" + strconv.Itoa(os.Getpid())
	other := spec("Python", "import os\nSECRET = '"+marker+"'\nopen('/tmp/"+marker+"', 'w').write('x')\nos.chmod('/tmp/"+marker+"', 0o666)\ndef handler(e, c): return os.getuid()")
	other.Project = "q"
	other.Secrets = map[string]string{"TOKEN": marker}
	checkUser := g.invoke(other, `{}`)
	if checkUser.Failure != nil {
		t.Fatal(checkUser.Failure.Text())
	}
	pid := instanceOf(t, marker)
	seeking := spec("Python", `
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def attempt(f):
    try: return f()
    except OSError as error: return error.strerror
def trace(pid):
    if libc.ptrace(16, pid, 0, 0) == 0: return "attached"
    return os.strerror(ctypes.get_errno())
def handler(event, context):
    pid, root, code = event
    return {
        "user": os.getuid(),
        "processes": [p for p in os.listdir("/proc") if p.isdigit() and int(p) > 2],
        "ptrace": trace(pid),
        "memory": attempt(lambda: open(f"/proc/{pid}/mem", "rb").read(1)),
        "environment": attempt(lambda: open(f"/proc/{pid}/environ").read()),
        "root": attempt(lambda: os.listdir(f"/proc/{pid}/root/tmp")),
        "kill": attempt(lambda: os.kill(pid, 9)),
        "tmp": [n for n in os.listdir("/tmp") if n.startswith("neighbour")],
        "functions": attempt(lambda: os.listdir(root)),
        "code": attempt(lambda: os.listdir(code)),
    }
`)
	event, err := json.Marshal([]any{pid, g.directory, filepath.Join(g.directory, "code")})
	if err != nil {
		t.Fatal(err)
	}
	got := g.invoke(seeking, string(event))
	if got.Failure != nil {
		t.Fatal(got.Failure.Text())
	}
	var seen map[string]any
	if err := json.Unmarshal([]byte(got.Output), &seen); err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]string{
		"processes": "[]", "ptrace": `"No such process"`, "memory": `"No such file or directory"`, "environment": `"No such file or directory"`,
		"root": `"No such file or directory"`, "kill": `"No such process"`, "tmp": "[]",
	} {
		if text, _ := json.Marshal(seen[what]); string(text) != want {
			t.Errorf("%s: %s, want %s", what, text, want)
		}
	}
	for _, what := range []string{"functions", "code"} {
		if _, listed := seen[what].([]any); listed {
			t.Errorf("it has listed %s: %v", what, seen[what])
		}
	}
	if user, _ := json.Marshal(seen["user"]); os.Geteuid() == 0 && string(user) == checkUser.Output {
		t.Errorf("both are the user %s", user)
	}
	checkOutput(t, g.invoke(other, `{}`), checkUser.Output) // it lives
}

// instanceOf returns the process whose environment has a marker.
func instanceOf(t *testing.T, marker string) int {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		if text, _ := os.ReadFile(path); strings.Contains(string(text), "TOKEN="+marker) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Skip("the processes of others cannot be looked at")
	return 0
}

// TestNoPrivilegesFromFiles has a function run a program that makes its user root,
// and become one in a namespace of its own.
func TestNoPrivilegesFromFiles(t *testing.T) {
	t.Parallel()
	need(t, "python3")
	if os.Geteuid() != 0 {
		t.Skip("only root can make such a program")
	}
	program, err := exec.LookPath("id")
	if err != nil {
		t.Skip("there is no id")
	}
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	directory, err := os.MkdirTemp("/var/tmp", "heddle-setuid-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(directory) })
	id := filepath.Join(directory, "id")
	if err := os.WriteFile(id, text, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(id, 0o755|os.ModeSetuid); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(directory, 0o755); err != nil {
		t.Fatal(err)
	}
	g := newRig(t, process.Config{})
	got := g.invoke(spec("Python", `
import subprocess
def handler(event, context):
    return subprocess.run([event, "-u"], capture_output=True, text=True).stdout.strip()
`), strconv.Quote(id))
	if got.Failure != nil || got.Output == `"0"` || got.Output == `""` {
		t.Errorf("it was the user %s, %+v", got.Output, got.Failure)
	}
}
