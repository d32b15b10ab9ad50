package e2e

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// ownNetwork is set where the test below runs in a network of its own.
const ownNetwork = "HEDDLE_E2E_NETWORK"

// addressesInside are addresses of that network: of every sort that may not be
// reached, and one that may.
var addressesInside = []string{
	"10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255", "169.254.169.254", "169.254.0.1",
	"100.64.0.1", "100.127.255.255", "100.100.100.200", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1",
	"fc00::1", "fdff::1", "fd00:ec2::254", "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1",
	"2001:0:7f00:1::", "fec0::1", "100::1", "5f00::1", "3fff::1", public,
}

// public is an address that may be reached.
const public = "1.2.3.4"

// TestNothingForbiddenIsReached runs a server in a network without any way out, in
// which every forbidden address is one of the machine and somebody listens there.
// Functions and confirmations of subscriptions try all of them: directly, by a name
// that changes its mind, and by redirects from a server that may be called. Nobody is
// ever connected to.
func TestNothingForbiddenIsReached(t *testing.T) {
	if os.Getenv(ownNetwork) == "" {
		t.Parallel()
		runInOwnNetwork(t)
		return
	}
	var forbidden, called atomic.Int64
	port := listenFor(t, ":0", &forbidden)
	listenFor(t, ":80", &forbidden)
	listenFor(t, "127.0.0.1:8080", &forbidden)
	redirects := publicServer(t, &called)
	serveRebinding(t)

	s := newServer(t, nil)
	s.administered()
	s.set(fmt.Sprintf("event-sources:\n  - project: %q\n    secret: secret-of-the-events\n", project))
	s.flags = []string{"--listen", "0.0.0.0:" + portOf(s.address), "--insecure-http"}
	s.start()
	s.login("admin", adminPassword)
	targets := forbiddenTargets(t, port)
	targets = append(targets, "http://rebinds.example:8080", "http://127.0.0.1:"+portOf(s.address)+"/healthz")
	for i, target := range targets {
		for j, address := range []string{target, redirects + url.QueryEscape(target)} {
			tryFunction(t, s, fmt.Sprintf("f%d-%d", i, j), address)
			tryConfirmation(t, s, address)
		}
	}
	for range 3 { // the name has other addresses now
		tryFunction(t, s, fmt.Sprintf("f%d-0", len(targets)-2), "")
	}
	if n := forbidden.Load(); n != 0 {
		t.Errorf("there were %d connections", n)
	}
	if called.Load() < int64(len(targets)) {
		t.Errorf("what may be called was called %d times, %d at least were wanted", called.Load(), len(targets))
	}
}

func runInOwnNetwork(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make a network")
	}
	for _, program := range []string{"unshare", "ip"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("there is no %s", program)
		}
	}
	script := "ip link set lo up || exit 77\n"
	for _, address := range addressesInside {
		script += "ip address add " + address + " dev lo\n"
	}
	file := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(file, []byte("nameserver 127.0.0.53\noptions timeout:1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	script += `mount --bind "$1" /etc/resolv.conf || exit 77; exec "$0" -test.v -test.run='^TestNothingForbiddenIsReached$'`
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command("unshare", "--net", "--mount", "sh", "-c", script, self, file)
	run.Env = append(os.Environ(), ownNetwork+"=1")
	out, err := run.CombinedOutput()
	if run.ProcessState != nil && run.ProcessState.ExitCode() == 77 {
		t.Skipf("no network can be made here: %s", out)
	}
	if err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Errorf("%v\n%s", err, out)
	}
}

// listenFor counts who connects to an address, and returns the port.
func listenFor(t *testing.T, address string, connections *atomic.Int64) string {
	t.Helper()
	listener, err := net.Listen("tcp", address)
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
			connections.Add(1)
			t.Logf("there is a connection from %s to %s", connection.RemoteAddr(), connection.LocalAddr())
			connection.Close()
		}
	}()
	return portOf(listener.Addr().String())
}

// publicServer may be called. It redirects to what its query says; the URL lacks
// that.
func publicServer(t *testing.T, called *atomic.Int64) string {
	t.Helper()
	listener, err := net.Listen("tcp", public+":8080")
	if err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		called.Add(1)
		w.Header().Set("Connection", "close")
		if to := r.URL.Query().Get("to"); to != "" {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusTemporaryRedirect)
			return
		}
		w.Write([]byte("1"))
	})}
	go web.Serve(listener)
	t.Cleanup(func() { web.Close() })
	return "http://" + public + ":8080/?to="
}

// serveRebinding says of one name that it is public when it is asked first, and from
// then on that it is this machine. Others there are not.
func serveRebinding(t *testing.T) {
	t.Helper()
	server, err := net.ListenPacket("udp4", "127.0.0.53:53")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		query := make([]byte, 1500)
		asked := 0
		for {
			n, from, err := server.ReadFrom(query)
			if err != nil {
				return
			}
			address := [4]byte{127, 0, 0, 1}
			end := 12
			for query[end] != 0 {
				end += int(query[end]) + 1
			}
			isA := query[end+2] == 1
			reply := append([]byte(nil), query[:end+5]...)
			reply[2], reply[3] = 0x81, 0x80
			clear(reply[6:12])
			if !strings.Contains(string(query[:n]), "rebinds") {
				reply[3] = 0x83
			} else if isA {
				if asked++; asked == 1 {
					address = [4]byte{1, 2, 3, 4}
				}
				reply[7] = 1
				reply = append(append(reply, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4), address[:]...)
			}
			server.WriteTo(reply, from)
		}
	}()
}

// forbiddenTargets are those by which the calls of functions are tested too.
func forbiddenTargets(t *testing.T, port string) []string {
	t.Helper()
	text, err := os.ReadFile("../internal/function/testdata/forbidden.txt")
	if err != nil {
		t.Fatal(err)
	}
	var targets []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, "\n"); line != "" && line[0] != '#' {
			targets = append(targets, strings.ReplaceAll(line, "PORT", port))
		}
	}
	if len(targets) < 60 {
		t.Errorf("there are only %d", len(targets))
	}
	return targets
}

// tryFunction calls a function at an address, unless that is refused.
func tryFunction(t *testing.T, s *server, name, address string) {
	t.Helper()
	if address != "" {
		a, err := s.call(http.MethodPost, "/v2/"+project+"/fgs/functions", map[string]any{
			"func_name": name, "package": "default", "runtime": "http", "handler": "-", "timeout": 3, "memory_size": 128, "code_url": address,
			"encrypted_user_data": `{"Authorization": "Bearer of a function"}`,
		}, nil)
		if err != nil || a.status != http.StatusOK && a.status != http.StatusBadRequest {
			t.Errorf("a function at %q: %v, %v", address, a, err)
		}
		if a.status == http.StatusBadRequest {
			return
		}
	}
	if _, err := s.call(http.MethodPost, "/v2/"+project+"/fgs/functions/"+function(name)+"/invocations", 1, nil); err != nil {
		t.Errorf("a call to %q: %v", address, err)
	}
}

// tryConfirmation has a topic ask for a confirmation at an address.
func tryConfirmation(t *testing.T, s *server, address string) {
	t.Helper()
	a, err := s.call(http.MethodPost, base+"/events?secret=secret-of-the-events", map[string]any{
		"topic_urn": "urn:smn:local:" + project + ":told", "type": "SubscriptionConfirmation", "subscribe_url": address, "message_id": "1", "message": "confirm",
	}, nil)
	if err != nil || a.status != http.StatusBadRequest {
		t.Errorf("a confirmation at %q: %v, %v", address, a, err)
	}
}
