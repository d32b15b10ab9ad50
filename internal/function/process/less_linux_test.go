package process_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"heddle/internal/function"
	"heddle/internal/function/confine"
	"heddle/internal/function/process"
)

// TestWithLess runs functions where the system allows less than here: this test
// again, as somebody who may do less.
func TestWithLess(t *testing.T) {
	if os.Getenv("HEDDLE_TEST_LESS") != "" {
		withLess(t)
		return
	}
	need(t, "python3")
	need(t, "setpriv")
	if os.Geteuid() != 0 {
		t.Skip("only root can become somebody who may do less")
	}
	const user = "setpriv --reuid=1234 --regid=1234 --clear-groups"
	for _, c := range []struct{ name, become, isolation string }{
		{"root in a container", "setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin", "process groups, resource limits, own users, control groups"},
		{"a user", user, "process groups, resource limits, namespaces"},
		{"a user without namespaces", user + " unshare --user --map-current-user --keep-caps sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --ambient-caps=-all --inh-caps=-all \"$0\" \"$@\"'", "process groups, resource limits"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			directory, err := os.MkdirTemp("", "heddle-less-") // which others can reach
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(directory)
			if err := os.Chmod(directory, 0o777); err != nil {
				t.Fatal(err)
			}
			run := exec.Command("sh", "-c", fmt.Sprintf("exec %s %s -test.run='^TestWithLess$' -test.v", c.become, copyOf(t, directory)))
			run.Env = append(os.Environ(), "HEDDLE_TEST_LESS="+c.isolation, "TMPDIR="+directory, "HOME="+directory)
			run.Dir = directory
			out, err := run.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			if !bytes.Contains(out, []byte("isolation")) {
				t.Errorf("it did not run:\n%s", out)
			}
		})
	}
}

// TestNoNetwork has functions that reach nothing, and are reached all the same.
func TestNoNetwork(t *testing.T) {
	t.Parallel()
	need(t, "python3")
	need(t, "curl")
	if os.Geteuid() != 0 {
		t.Skip("only root can give functions networks of their own")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	g := newRig(t, process.Config{Network: confine.NoNetwork})
	reach := spec("Python", "import socket\ndef handler(event, context):\n    try: socket.create_connection(('127.0.0.1', event), 5)\n    except OSError as error: return error.strerror")
	checkOutput(t, g.invoke(reach, port), `"Connection refused"`)
	checkOutput(t, g.invoke(spec("Custom", echoServer), `[1]`), `[1]`)
	checkOutput(t, g.invoke(spec("Custom", fetching(`-d "$event" $base/response/$id`)), `[2]`), `[2]`)
}

// copyOf copies this binary to where everybody can run it.
func copyOf(t *testing.T, directory string) string {
	t.Helper()
	binary, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	path := directory + "/test"
	if err := os.WriteFile(path, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func withLess(t *testing.T) {
	g := newRig(t, process.Config{})
	t.Log("isolation:", g.isolation())
	if want := os.Getenv("HEDDLE_TEST_LESS"); !strings.HasPrefix(g.isolation(), want) {
		t.Errorf("isolation %s, want %s", g.isolation(), want)
	}
	checkOutput(t, g.invoke(spec("Python", good), `1`), `1`)
	who := g.invoke(spec("Python", "import os\ndef handler(e, c): return [os.getuid() > 0, os.getcwd() == os.environ['RUNTIME_CODE_ROOT']]"), `1`)
	checkOutput(t, who, `[true, true]`)
	checkFailure(t, g.invoke(spec("Python", "def handler(e, c): return len(bytearray(1 << 30))"), `1`), function.ActionFailed, "")
	daemon := spec("Python", "import subprocess, time\ndef handler(e, c):\n    subprocess.Popen(['setsid', 'sleep', e])\n    time.sleep(600)")
	seconds := strconv.Itoa(1_000_000 + os.Getpid())
	checkFailure(t, g.invokeFor(daemon, `"`+seconds+`"`, 2*time.Second), function.Timeout, "was killed")
	if running(t, seconds) {
		t.Error("a process is left")
	}
}

// await waits until something is so.
func await(t *testing.T, so func() bool) {
	t.Helper()
	for patience := time.Now().Add(20 * time.Second); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(patience) {
			t.Fatal("what should happen has not happened")
		}
	}
}

// TestKilledServer kills a server with SIGKILL and looks for what is left of its
// functions.
func TestKilledServer(t *testing.T) {
	need(t, "python3")
	if directory := os.Getenv("HEDDLE_TEST_SERVER"); directory != "" {
		g := newRig(t, process.Config{Directory: directory})
		checkOutput(t, g.invoke(spec("Python", "import subprocess\ndef handler(e, c):\n    subprocess.Popen(['setsid', 'sleep', '616'])\n    return 1"), `1`), `1`)
		fmt.Println("ready")
		select {}
	}
	directory := t.TempDir() + "/functions"
	server := exec.Command(os.Args[0], "-test.run=^TestKilledServer$")
	server.Env = append(os.Environ(), "HEDDLE_TEST_SERVER="+directory)
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 5)
	if _, err := out.Read(said); err != nil || string(said) != "ready" {
		t.Fatalf("the server said %q: %v", said, err)
	}
	await(t, func() bool { return running(t, "616") })
	server.Process.Signal(syscall.SIGKILL)
	server.Wait()
	await(t, func() bool { return !running(t, "616") })
	// The next one removes what else there was.
	newRig(t, process.Config{Directory: directory})
}
