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
)

// nameServer is an address of this machine on which nobody else serves names.
const nameServer = "127.83.83.53"

// TestOutwardNames has a function ask the name servers of the machine, which it
// cannot reach itself. The test runs again where /etc/resolv.conf names its own.
func TestOutwardNames(t *testing.T) {
	if os.Getenv("HEDDLE_TEST_NAMES") == "" {
		t.Parallel()
		runWithResolver(t, "nameserver "+nameServer+"\noptions attempts:5\n")
		return
	}
	serveNames(t)
	g := outward(t, func(_ context.Context, network, address string) (net.Conn, error) {
		t.Errorf("it wants to reach %s by %s", address, network)
		return nil, errNotOut
	})
	checkOutput(t, g.invoke(spec("Python", `
import socket
def handler(event, context):
    return sorted(set(info[4][0] for info in socket.getaddrinfo(event, 80, socket.AF_INET)))
`), `"heddle.example"`), `["203.0.113.7"]`)
}

func runWithResolver(t *testing.T, text string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can show a test another /etc/resolv.conf")
	}
	file := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command("unshare", "--mount", "sh", "-c", `mount --bind "$1" /etc/resolv.conf || exit 77; exec "$0" -test.v -test.run="^$2\$"`, self, file, t.Name())
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
