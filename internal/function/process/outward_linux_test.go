package process_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"heddle/internal/function"
	"heddle/internal/function/confine"
	"heddle/internal/function/process"
)

// errNotOut is why the gate of these tests does not connect to an address.
var errNotOut = errors.New("that may not be reached")

// outward is a rig whose functions reach what outside connects to.
func outward(t *testing.T, outside func(ctx context.Context, network, address string) (net.Conn, error)) *rig {
	t.Helper()
	need(t, "python3")
	needDevice(t)
	return newRig(t, process.Config{Network: confine.OutwardNetwork, Outside: outside})
}

// needDevice skips the test where no network device can be had.
func needDevice(t *testing.T) {
	t.Helper()
	device, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("there are no network devices to be had: %v", err)
	}
	device.Close()
}

// TestOutwardNetwork has functions reach what is connected to in their place, and
// nothing of this machine.
func TestOutwardNetwork(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			connection.Write([]byte("hello"))
			connection.Close()
		}
	}()
	g := outward(t, func(ctx context.Context, network, address string) (net.Conn, error) {
		if network == "tcp" && (address == "198.51.100.1:80" || address == "[2001:db8::1]:80") {
			return new(net.Dialer).DialContext(ctx, "tcp", listener.Addr().String())
		}
		return nil, errNotOut
	})
	s := spec("Python", `
import socket
def handler(event, context):
    try:
        with socket.create_connection((event[0], event[1]), 30) as c:
            return c.makefile().read()
    except OSError as error: return error.strerror
`)
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	for target, want := range map[string]string{
		`["198.51.100.1", 80]`:        `"hello"`,
		`["2001:db8::1", 80]`:         `"hello"`,
		`["198.51.100.1", 81]`:        `"Connection refused"`,
		`["198.51.100.2", 80]`:        `"Connection refused"`,
		`["127.0.0.1", ` + port + `]`: `"Connection refused"`,
		`["192.0.0.1", ` + port + `]`: `"Connection refused"`,
		`["::1", ` + port + `]`:       `"Connection refused"`,
		`["169.254.169.254", 80]`:     `"Connection refused"`,
	} {
		checkOutput(t, g.invoke(s, target), want)
	}
	lines, err := g.logs.Read(context.Background(), function.LogName("p", "default", s.Name), 0, 1000, 0)
	if err != nil {
		t.Fatal(err)
	}
	var log []string
	for _, l := range lines {
		log = append(log, l.Text)
	}
	if text := strings.Join(log, "\n"); !strings.Contains(text, "(no connection to 169.254.169.254:80: that may not be reached)") {
		t.Errorf("the log does not say why:\n%s", text)
	}
}

// TestOutwardBootstraps has both kinds of bootstrap be called through the gate.
func TestOutwardBootstraps(t *testing.T) {
	t.Parallel()
	need(t, "curl")
	g := outward(t, func(context.Context, string, string) (net.Conn, error) { return nil, errNotOut })
	checkOutput(t, g.invoke(spec("Custom", echoServer), `[1]`), `[1]`)
	checkOutput(t, g.invoke(spec("Custom", fetching(`-d "$event" $base/response/$id`)), `[2]`), `[2]`)
}

// TestNothingIsLeftOfAWayOut counts what is left of a connection in the middle of
// which its function is ended.
func TestNothingIsLeftOfAWayOut(t *testing.T) {
	descriptors, routines := count(t, "/proc/self/fd"), runtime.NumGoroutine()
	t.Run("run", func(t *testing.T) {
		g := outward(t, func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go io.Copy(io.Discard, theirs)
			return ours, nil
		})
		s := spec("Python", "import socket\ndef handler(event, context):\n    global s\n    s = socket.create_connection(('198.51.100.1', 80), 30)\n    s.sendall(b'x')\n    return 1")
		checkOutput(t, g.invoke(s, `{}`), `1`)
	})
	if got := count(t, "/proc/self/fd"); got > descriptors {
		t.Errorf("%d descriptors, %d before", got, descriptors)
	}
	await(t, func() bool { return runtime.NumGoroutine() <= routines })
}

// TestAFloodIsBounded has a function fill a hundred connections to somebody who
// never reads.
func TestAFloodIsBounded(t *testing.T) {
	g := outward(t, func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		t.Cleanup(func() { theirs.Close() })
		return ours, nil
	})
	s := spec("Python", `
import socket
sockets = []
def handler(event, context):
    for n in range(100):
        s = socket.create_connection(("198.51.100.1", 80), 30)
        s.settimeout(0.05)
        sockets.append(s)
        try:
            for n in range(64): s.sendall(b"x" * (1 << 16))
        except OSError: pass
    return len(sockets)
`)
	before := heap()
	checkOutput(t, g.invoke(s, `{}`), `100`)
	if now := heap(); now > before+64<<20 {
		t.Errorf("%d MiB are held, %d before", now>>20, before>>20)
	}
}

// heap returns the bytes that are in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestOutwardNetworkOfAUser has the test above be run by somebody who is not root,
// and finds the system's device as it mostly is: everybody may use it.
func TestOutwardNetworkOfAUser(t *testing.T) {
	t.Parallel()
	need(t, "python3")
	need(t, "setpriv")
	if os.Geteuid() != 0 {
		t.Skip("only root can become a user")
	}
	directory, err := os.MkdirTemp("", "heddle-outward-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(directory) })
	if err := os.Chmod(directory, 0o777); err != nil {
		t.Fatal(err)
	}
	run := exec.Command("unshare", "--mount", "sh", "-c", `
		mknod -m 666 tun c 10 200 && mount --bind tun /dev/net/tun || exit 77
		exec setpriv --reuid=1234 --regid=1234 --clear-groups "$0" -test.run='^TestOutwardNetwork$' -test.v`, copyOf(t, directory))
	run.Env = append(os.Environ(), "TMPDIR="+directory, "HOME="+directory)
	run.Dir = directory
	out, err := run.CombinedOutput()
	if run.ProcessState != nil && run.ProcessState.ExitCode() == 77 {
		t.Skipf("no device can be made here: %s", out)
	}
	if err != nil || !bytes.Contains(out, []byte("--- PASS: TestOutwardNetwork")) && !bytes.Contains(out, []byte("namespaces")) {
		t.Errorf("%v\n%s", err, out)
	}
}
