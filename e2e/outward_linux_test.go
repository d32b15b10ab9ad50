package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// needDevice skips the test where functions cannot have a network of their own.
func needDevice(t *testing.T) {
	t.Helper()
	device, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("functions can have no network of their own: %v", err)
	}
	device.Close()
}

// prober tries to connect to each target of its event, and returns which it has
// reached.
const prober = `
import socket
def reached(target):
    try:
        if target.startswith("/"):
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(60)
            s.connect(target)
        else:
            host, port = target.rsplit(":", 1)
            s = socket.create_connection((host, int(port)), 60)
        s.close()
        return True
    except OSError as error:
        return False
def handler(event, context):
    return [t for t in event if reached(t)]
`

// listening counts who connects to what it listens on.
func listening(t *testing.T, network, address string) (net.Addr, *atomic.Int64) {
	t.Helper()
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	var connections atomic.Int64
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			connection.Close()
		}
	}()
	return listener.Addr(), &connections
}

// TestLocalFunctionsReachNothingHere has a function try, by every address of this
// machine, the server's API, the database, a service on loopback, one that all may
// reach, one at a socket, and where clouds keep what machines are told.
func TestLocalFunctionsReachNothingHere(t *testing.T) {
	t.Parallel()
	needDevice(t)
	private, privateConnections := listening(t, "tcp", "127.0.0.1:0")
	open, openConnections := listening(t, "tcp", ":0")
	ports := []string{portOf(private.String()), portOf(open.String()), "5432", "4222"}
	for _, listen := range []string{"127.0.0.1", "0.0.0.0"} {
		for _, networks := range []string{"", "all"} {
			t.Run(fmt.Sprintf("%s %s", listen, networks), func(t *testing.T) {
				s := newServer(t, nil)
				s.administered()
				s.set("function-networks: " + networks)
				s.flags = []string{"--listen", strings.Replace(s.address, "127.0.0.1", listen, 1), "--insecure-http", "--local-functions", "on"}
				s.start()
				s.login("admin", adminPassword)
				targets := []string{"169.254.169.254:80", "fd00:ec2::254:80", "192.0.0.1:9001"}
				for _, host := range hostsHere(t) {
					for _, port := range append(ports, portOf(s.address)) {
						targets = append(targets, host+":"+port)
					}
				}
				if os.Geteuid() == 0 {
					socket := filepath.Join("/run", fmt.Sprintf("heddle-test-%d.sock", os.Getpid()))
					_, socketConnections := listening(t, "unix", socket)
					if err := os.Chmod(socket, 0o777); err != nil {
						t.Fatal(err)
					}
					targets = append(targets, socket)
					defer func() {
						if n := socketConnections.Load(); n != 0 {
							t.Errorf("there were %d connections to a socket", n)
						}
					}()
				}
				f := newLocal(t, s, "probe", prober)
				a, err := s.call(http.MethodPost, f.path+"/invocations", targets, nil)
				if err != nil || a.status != http.StatusOK || string(a.body) != "[]" {
					t.Errorf("got %v, %v: it has reached something", a, err)
				}
				if lines := f.lines(t, "(no connection to"); len(lines) == 0 {
					t.Error("its log does not say why")
				}
			})
		}
	}
	if n := privateConnections.Load() + openConnections.Load(); n != 0 {
		t.Errorf("there were %d connections", n)
	}
}

// TestTheMachineCanBeReachedIfWanted has the function of the test above reach what
// it tries in the network of the machine.
func TestTheMachineCanBeReachedIfWanted(t *testing.T) {
	t.Parallel()
	private, connections := listening(t, "tcp", "127.0.0.1:0")
	s := newServer(t, nil)
	s.flags = []string{"--local-network", "host"}
	s.start()
	f := newLocal(t, s, "probe", prober)
	targets := []string{private.String(), s.address}
	want, _ := json.Marshal(targets)
	a, err := s.call(http.MethodPost, f.path+"/invocations", targets, nil)
	if err != nil || strings.ReplaceAll(string(a.body), " ", "") != string(want) || connections.Load() != 1 {
		t.Errorf("got %v, %v, and %d connections", a, err, connections.Load())
	}
}

// TestWithoutADevice starts servers where no network device can be had: functions
// then reach nothing, and that of the machine only if somebody says so.
func TestWithoutADevice(t *testing.T) {
	t.Parallel()
	needDevice(t)
	unshare, err := exec.LookPath("unshare")
	if err != nil || os.Geteuid() != 0 {
		t.Skip("only root can hide the device, by unshare")
	}
	for flags, want := range map[string]string{
		"":                        "network=none",
		"--local-network=host":    "network host",
		"--local-network=outward": "functions cannot run on this machine",
		"--local-functions=on":    "network=none",
		"--local-functions=on --local-network=outward": "", // it does not start
	} {
		t.Run(flags, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, nil)
			s.flags = strings.Fields(flags)
			s.prepare = func(c *exec.Cmd) func() {
				c.Args = append([]string{"unshare", "--mount", "sh", "-c", `mount --bind /dev/null /dev/net/tun && exec "$0" "$@"`, c.Path}, c.Args[1:]...)
				c.Path = unshare
				return func() {}
			}
			if want == "" {
				s.launch()
				if code := s.awaitExit(); code != 1 || !strings.Contains(s.tail(), "local-network outward: ") {
					t.Errorf("the server ended with %d:\n%s", code, s.tail())
				}
				return
			}
			s.start()
			if !strings.Contains(s.tail(), want) {
				t.Errorf("the log lacks %q:\n%s", want, s.tail())
			}
			if strings.Contains(want, "network") {
				f := newLocal(t, s, "answers", "def handler(event, context): return event\n")
				if a, err := s.call(http.MethodPost, f.path+"/invocations", 1, nil); err != nil || string(a.body) != "1" {
					t.Errorf("got %v, %v", a, err)
				}
			}
		})
	}
}

func portOf(address string) string { return address[strings.LastIndex(address, ":")+1:] }

// hostsHere returns the addresses of this machine, and names of it.
func hostsHere(t *testing.T) []string {
	t.Helper()
	hosts := []string{"localhost", "127.0.0.1", "127.0.0.2", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1"}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if prefix, ok := a.(*net.IPNet); ok && !prefix.IP.IsLoopback() && !prefix.IP.IsLinkLocalUnicast() {
			hosts = append(hosts, prefix.IP.String())
		}
	}
	return hosts
}
