package process_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"heddle/internal/function/confine"
	"heddle/internal/function/process"
)

// nameServer is an address of this machine on which nobody else serves names.
const nameServer = "127.83.83.53"

// TestNames has a function ask the name servers of the machine, with its network and
// with one of its own, in which it cannot reach them itself. The test runs again
// where /etc/resolv.conf names a server of its own: as a file, and as a link to
// where functions see nothing.
func TestNames(t *testing.T) {
	if os.Getenv("HEDDLE_TEST_NAMES") != "" {
		serveNames(t)
		for _, network := range []confine.Network{confine.OutwardNetwork, confine.HostNetwork} {
			askForName(t, network)
		}
		return
	}
	for name, script := range map[string]string{
		"a file": `mount --bind "$1" /etc/resolv.conf`,
		"a link": `mount -t tmpfs tmpfs /run && mkdir /run/resolve && cp "$1" /run/resolve/resolv.conf &&
			mkdir "$2/etc" && cp -a /etc/. "$2/etc" && rm -f "$2/etc/resolv.conf" &&
			ln -s ../run/resolve/resolv.conf "$2/etc/resolv.conf" && mount --bind "$2/etc" /etc`,
	} {
		t.Run(name, func(t *testing.T) {
			runWithResolver(t, script, "nameserver "+nameServer+"\noptions attempts:5\n")
		})
	}
}

func askForName(t *testing.T, network confine.Network) {
	needDevice(t)
	g := newRig(t, process.Config{Network: network, Outside: func(_ context.Context, network, address string) (net.Conn, error) {
		t.Errorf("it wants to reach %s by %s", address, network)
		return nil, errNotOut
	}})
	checkOutput(t, g.invoke(spec("Python", `
import socket
def handler(event, context):
    return sorted(set(info[4][0] for info in socket.getaddrinfo(event, 80, socket.AF_INET)))
`), `"heddle.example"`), `["203.0.113.7"]`)
}

// runWithResolver runs the test again where a script has shown another
// /etc/resolv.conf.
func runWithResolver(t *testing.T, script, text string) {
	t.Helper()
	need(t, "python3")
	if os.Geteuid() != 0 {
		t.Skip("only root can show a test another /etc/resolv.conf")
	}
	directory := t.TempDir()
	file := filepath.Join(directory, "resolv.conf")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command("unshare", "--mount", "sh", "-c", script+` || exit 77; exec "$0" -test.v -test.run='^TestNames$'`, self, file, directory)
	run.Env = append(os.Environ(), "HEDDLE_TEST_NAMES=1")
	out, err := run.CombinedOutput()
	switch {
	case run.ProcessState != nil && run.ProcessState.ExitCode() == 77:
		t.Skipf("nothing can be mounted here: %s", out)
	case err != nil:
		t.Errorf("%v\n%s", err, out)
	case !bytes.Contains(out, []byte("--- PASS")):
		t.Skipf("it could not run there:\n%s", out)
	}
}

// serveNames says of every name that it has one IPv4 address.
func serveNames(t *testing.T) {
	t.Helper()
	server, err := net.ListenPacket("udp4", nameServer+":53")
	if err != nil {
		t.Skipf("names cannot be served: %v", err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		query := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(query)
			if err != nil {
				return
			}
			reply := append([]byte(nil), query[:n]...)
			binary.BigEndian.PutUint16(reply[2:], 0x8180)
			binary.BigEndian.PutUint16(reply[6:], 1) // answers
			clear(reply[8:12])
			end := 12
			for reply[end] != 0 {
				end += int(reply[end]) + 1
			}
			reply = append(reply[:end+5], 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 203, 0, 113, 7)
			server.WriteTo(reply, from)
		}
	}()
}
