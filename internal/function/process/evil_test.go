package process_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"heddle/internal/function"
	"heddle/internal/function/process"
)

// good is a function that must go on working whatever the others do.
const good = "def handler(event, context):\n    return event"

// TestEvil has functions that do harm, all beside a good one, and looks at what
// is left of them.
func TestEvil(t *testing.T) {
	t.Parallel()
	need(t, "node")
	need(t, "python3")
	const short = 2 * time.Second
	g := newRig(t, process.Config{InstancesMax: 100})
	beside := spec("Python", good)
	checkOutput(t, g.invoke(beside, `1`), `1`)
	for name, c := range map[string]struct {
		runtime, code string
		name, text    string // of the failure; "" for none
		timeout       time.Duration
	}{
		"hangs":             {"Python", "import time\ndef handler(e, c): time.sleep(600)", function.Timeout, "the call took longer than its timeout of 2s: its instance was killed", short},
		"hangs in node":     {"Node.js", "exports.handler = async () => { for (;;); }", function.Timeout, "2s", short},
		"ignores SIGTERM":   {"Python", "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ndef handler(e, c): time.sleep(600)", function.Timeout, "2s", short},
		"hangs at loading":  {"Python", "import time\ntime.sleep(600)\ndef handler(e, c): pass", function.Timeout, "no instance of the function was free for it", short},
		"never settles":     {"Node.js", "exports.handler = () => new Promise(() => {})", function.ActionFailed, "NoAnswer: the handler came to its end without an answer", time.Minute},
		"never calls back":  {"Node.js", "exports.handler = (e, c, callback) => {}", function.ActionFailed, "NoAnswer", time.Minute},
		"exits with 0":      {"Python", "import os\ndef handler(e, c): os._exit(0)", function.ActionFailed, "the function's process ended without an answer: exit status 0", time.Minute},
		"node exits":        {"Node.js", "exports.handler = async () => process.exit(0)", function.ActionFailed, "without an answer: exit status 0", time.Minute},
		"exits politely":    {"Python", "import sys\ndef handler(e, c): sys.exit(3)", function.ActionFailed, "without an answer: exit status 3", time.Minute},
		"kills itself":      {"Python", "import os, signal\ndef handler(e, c): os.abort()", function.ActionFailed, "without an answer: signal: ", time.Minute},
		"is not JSON":       {"Python", "def handler(e, c): return {1, 2}", function.ActionFailed, "the result cannot be written as JSON: Object of type set is not JSON serializable", time.Minute},
		"is not a number":   {"Python", "def handler(e, c): return float('nan')", function.ActionFailed, "the result cannot be written as JSON", time.Minute},
		"is a BigInt":       {"Node.js", "exports.handler = async () => 1n", function.ActionFailed, "the result cannot be written as JSON: Do not know how to serialize a BigInt", time.Minute},
		"custom not JSON":   {"Custom", fetching(`-d 'plain words' $base/response/$id`), function.ActionFailed, `the result is not JSON: "plain words"`, time.Minute},
		"too large":         {"Python", "def handler(e, c): return 'x' * 300000", function.ActionFailed, "the result has 300002 bytes; 262144 are allowed", time.Minute},
		"custom too large":  {"Custom", fetching(`--data-binary @<(head -c 300000 /dev/zero | tr '\0' 1) $base/response/$id`), function.ActionFailed, "more than the allowed 262144 bytes", time.Minute},
		"takes 1 GB":        {"Python", "def handler(e, c):\n    b = bytearray(1 << 30)\n    return len(b)", function.ActionFailed, "", time.Minute},
		"node takes 1 GB":   {"Node.js", "exports.handler = async () => { const all = []; for (;;) all.push(Buffer.alloc(1 << 24, 1)) }", function.ActionFailed, "", time.Minute},
		"node's heap":       {"Node.js", "exports.handler = async () => { const all = []; for (;;) all.push(new Array(1e5).fill(all.length + 0.5)) }", function.ActionFailed, "", time.Minute},
		"a child takes it":  {"Python", "import subprocess\ndef handler(e, c):\n    p = subprocess.run(['python3', '-c', 'b = bytearray(1 << 30)'])\n    return p.returncode != 0", "", "true", time.Minute},
		"fork bomb":         {"Python", "import os\ndef handler(e, c):\n    try:\n        while True: os.fork()\n    except OSError:\n        pass\n    while True: pass", function.Timeout, "2s", short},
		"many forks":        {"Python", "import os, time\ndef handler(e, c):\n    n = 0\n    try:\n        for n in range(200):\n            if os.fork() == 0:\n                time.sleep(600)\n    except OSError:\n        pass\n    return 100 < n < 128", "", "true", time.Minute},
		"fork bomb in bash": {"Custom", "#!/bin/bash\nf() { f | f & }; f; sleep 600\n", function.Timeout, "", short},
		"leaves a daemon":   {"Python", "import subprocess\ndef handler(e, c):\n    subprocess.Popen(['setsid', 'sleep', '612'], env={})\n    return 1", "", "1", time.Minute},
		"fills its directory": {"Python", `
import os
def handler(e, c):
    try:
        for n in range(2000):
            with open(f"/tmp/file{n}", "wb") as f: f.write(b"x" * (1 << 20))
    except OSError as error:
        return [n < 1000, error.strerror]
`, "", `[true, "No space left on device"]`, time.Minute},
		"floods":             {"Python", "def handler(e, c):\n    for n in range(100): print('x' * (1 << 20))\n    print('end')", "", "null", time.Minute},
		"closes its output":  {"Python", "import os, sys\ndef handler(e, c):\n    sys.stdout.close()\n    os.close(1)\n    os.close(2)\n    return 1", "", "1", time.Minute},
		"closes the channel": {"Python", "import os\ndef handler(e, c):\n    os.close(3)\n    return 1", function.ActionFailed, "without an answer", time.Minute},
		"answers nonsense":   {"Python", "import os\ndef handler(e, c):\n    os.write(3, b'\\x00\\x00\\x00\\x03no\\n')\n    return 1", function.ActionFailed, "without an answer", time.Minute},
		"answers for ever":   {"Python", "import os\ndef handler(e, c):\n    os.write(3, b'\\xff\\xff\\xff\\xff')\n    while True: os.write(3, b'x' * 65536)", function.ActionFailed, "without an answer", time.Minute},
		"custom is missing":  {"Custom", "#!/nowhere/interpreter\n", function.FunctionStageUnavailable, "before it was ready: exit status 125: run /tmp/function/bootstrap: no such file", time.Minute},
		"custom ends":        {"Custom", "#!/bin/sh\necho no such luck >&2\nexit 4\n", function.FunctionStageUnavailable, "before it was ready: exit status 4: no such luck", time.Minute},
		"custom closes": {"Custom", `#!/usr/bin/env python3
import os, socket
s = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
while True: s.accept()[0].close()
`, function.ActionFailed, "without an answer", time.Minute},
		"custom drips": {"Custom", `#!/usr/bin/env python3
import os, socket, time
s = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
while True:
    c = s.accept()[0]
    try:
        if not c.recv(65536): continue
        c.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            c.sendall(b"1")
            time.sleep(0.1)
    except OSError: pass
`, function.Timeout, "2s", short},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := spec(c.runtime, c.code)
			if strings.Contains(name, "fork") {
				s.MemoryMiB = 1024 // they shall come as far as the bound on processes
			}
			var calls sync.WaitGroup
			var got function.Result
			calls.Go(func() { got = g.invokeFor(s, `{}`, c.timeout) })
			calls.Go(func() {
				for range 20 {
					if got := g.invoke(beside, `1`); got.Failure != nil {
						t.Errorf("the function beside failed: %s", got.Failure.Text())
					}
				}
			})
			calls.Wait()
			if c.name == "" {
				checkOutput(t, got, c.text)
			} else {
				checkFailure(t, got, c.name, c.text)
			}
			if len(got.Usage.Log) > function.LogTailBytes {
				t.Errorf("the log's end has %d bytes", len(got.Usage.Log))
			}
			checkOutput(t, g.invoke(beside, `2`), `2`)
		})
	}
}

// TestNothingIsLeft counts what a runtime has made on the system when it has
// ended: processes, files, control groups, descriptors.
func TestNothingIsLeft(t *testing.T) {
	need(t, "python3")
	directory := filepath.Join(t.TempDir(), "functions")
	descriptors := count(t, "/proc/self/fd")
	t.Run("run", func(t *testing.T) {
		g := newRig(t, process.Config{Directory: directory})
		s := spec("Python", "import subprocess\ndef handler(e, c):\n    subprocess.Popen(['setsid', 'sleep', '613'], env={})\n    return 1")
		checkOutput(t, g.invoke(s, `{}`), `1`)
		await(t, func() bool { return running(t, "613") })
	})
	if running(t, "613") {
		t.Error("a process is left")
	}
	if got := count(t, "/proc/self/fd"); got > descriptors {
		t.Errorf("%d descriptors, %d before", got, descriptors)
	}
	filepath.WalkDir(directory, func(path string, d os.DirEntry, err error) error {
		if path != directory {
			t.Errorf("%s is left", path)
		}
		return nil
	})
}

func count(t *testing.T, directory string) int {
	t.Helper()
	entries, err := os.ReadDir(directory)
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// running reports whether there is a process "sleep" with that argument.
func running(t *testing.T, argument string) bool {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range lines {
		line, _ := os.ReadFile(path)
		if bytes.Equal(line, []byte("sleep\x00"+argument+"\x00")) {
			return true
		}
	}
	return false
}

// TestConfinement looks out of an instance.
func TestConfinement(t *testing.T) {
	need(t, "python3")
	t.Setenv("HEDDLE_TEST_SECRET", "sesame")
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "heddle.db"), []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	g := newRig(t, process.Config{Directory: filepath.Join(data, "functions"), Hidden: data})
	s := spec("Python", `
import os, signal
def attempt(f):
    try: return f()
    except Exception as error: return type(error).__name__
def handler(event, context):
    return {
        "database": attempt(lambda: open(event["database"]).read()),
        "environment": attempt(lambda: "sesame" in open(f"/proc/{event['server']}/environ").read()),
        "own environment": "HEDDLE_TEST_SECRET" in os.environ,
        "kill": attempt(lambda: os.kill(event["server"], signal.SIGKILL)),
        "code": attempt(lambda: open("index.py", "a")),
        "elsewhere": attempt(lambda: open("/var/tmp/heddle-test", "w")),
        "root": attempt(lambda: os.setuid(0)),
        "descriptors": sorted(int(d) for d in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{d}")),
        "input": os.read(0, 1).decode(),
        "own": attempt(lambda: open("/tmp/x", "w").write("x")),
        "mode": oct(os.stat("/tmp").st_mode & 0o777),
    }
`)
	got := g.invoke(s, `{"database":`+strconv.Quote(filepath.Join(data, "heddle.db"))+`,"server":`+strconv.Itoa(os.Getpid())+`}`)
	if got.Failure != nil {
		t.Fatal(got.Failure.Text())
	}
	if !strings.Contains(g.isolation(), "namespaces") {
		t.Skip("namespaces are refused here")
	}
	for _, want := range []string{
		`"database": "FileNotFoundError"`, `"environment": "FileNotFoundError"`, `"own environment": false`, `"kill": "ProcessLookupError"`,
		`"code": "PermissionError"`, `"elsewhere": "OSError"`, `"root": "PermissionError"`, `"descriptors": [0, 1, 2, 3]`, `"input": ""`, `"own": 1`, `"mode": "0o700"`,
	} {
		if !strings.Contains(got.Output, want) {
			t.Errorf("it is not so that %s", want)
		}
	}
}
