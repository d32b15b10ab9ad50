package function_test

import (
	"context"
	"encoding/binary"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"heddle/internal/function"
)

// forbidden returns ways to write where no call may go.
func forbidden(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/forbidden.txt")
	if err != nil {
		t.Fatal(err)
	}
	var targets []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, "\n"); line != "" && line[0] != '#' {
			targets = append(targets, line)
		}
	}
	if len(targets) < 60 {
		t.Errorf("there are only %d", len(targets))
	}
	return targets
}

// TestForbiddenTargets holds that none of them is ever connected to: a URL is
// refused, or the call fails before there is a connection.
func TestForbiddenTargets(t *testing.T) {
	t.Parallel()
	port, connections := listenEverywhere(t)
	for _, text := range forbidden(t) {
		text = strings.ReplaceAll(text, "PORT", port)
		r, err := function.NewRegistry(function.Config{Resolver: noNames(t)}, []function.Declaration{{URN: hello, URL: text}})
		if err != nil {
			continue
		}
		got := r.Invoke(context.Background(), request())
		switch {
		case got.Failure == nil:
			t.Errorf("%s was called: %+v", text, got)
		case got.Failure.Name == function.PermissionError && strings.Contains(got.Failure.Message, "function-networks"):
		case !strings.Contains(got.Failure.Message, "lookup"): // a name that nobody knows is fine
			t.Errorf("%s: got %+v", text, got.Failure)
		}
	}
	if n := connections.Load(); n != 0 {
		t.Errorf("there were %d connections", n)
	}
}

// TestForbiddenTargetsAreReal holds the list to its purpose: without the check,
// many of its spellings lead to this machine.
func TestForbiddenTargetsAreReal(t *testing.T) {
	t.Parallel()
	port, connections := listenEverywhere(t)
	everywhere := function.Reach{Networks: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}}
	var calls sync.WaitGroup
	for _, text := range forbidden(t) {
		r, err := function.NewRegistry(function.Config{Reach: everywhere, Resolver: noNames(t)},
			[]function.Declaration{{URN: hello, URL: strings.ReplaceAll(text, "PORT", port)}})
		if err != nil || !strings.Contains(text, "PORT") {
			continue
		}
		call := request()
		call.Timeout = 200 * time.Millisecond // there may be a network that does not answer
		calls.Go(func() { r.Invoke(context.Background(), call) })
	}
	calls.Wait()
	if n := connections.Load(); n < 10 {
		t.Errorf("there were %d connections, want ten at the least", n)
	}
}

// listenEverywhere listens on a port of all addresses of this machine, and
// counts who connects.
func listenEverywhere(t *testing.T) (port string, connections *atomic.Int64) {
	t.Helper()
	connections = new(atomic.Int64)
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			conn.Close()
		}
	}()
	_, port, err = net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, connections
}

// TestPublicTargets holds that what is public is connected to, as far as that
// can be told without a network: the call fails, but is not forbidden.
func TestPublicTargets(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"1.1.1.1:443", "172.32.0.1:80", "100.128.0.1:80", "[2606:4700::1111]:443", "192.0.1.1:80", "[::ffff:1.1.1.1]:80"} {
		if err := (function.Reach{}).Control("tcp", address, nil); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestReach(t *testing.T) {
	t.Parallel()
	reach := function.Reach{
		Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("fe80::/10")},
		Own: []netip.AddrPort{
			netip.MustParseAddrPort("0.0.0.0:8480"), netip.MustParseAddrPort("10.0.0.5:5432"), netip.MustParseAddrPort("1.2.3.4:5432"),
		},
	}
	for address, want := range map[string]string{
		"10.1.2.3:80":             "",
		"[::ffff:10.1.2.3]:80":    "",
		"127.0.0.1:80":            "",
		"[fe80::1%lo]:80":         "",
		"169.254.1.1:80":          "clouds",
		"192.168.0.1:80":          "private",
		"[::1]:80":                "loopback",
		"127.0.0.1:8480":          "this service itself",
		"[::ffff:127.9.9.9]:8480": "this service itself",
		"[::1]:8480":              "this service itself",
		"0.0.0.0:8480":            "this service itself",
		"10.1.2.3:8480":           "",
		"10.0.0.5:5432":           "this service itself",
		"[::ffff:10.0.0.5]:5432":  "this service itself",
		"10.0.0.5:5433":           "",
		"1.2.3.4:5432":            "this service itself",
		"1.2.3.4:80":              "",
		"127.0.0.1:5432":          "",
		"nonsense":                "no IP address",
	} {
		err := reach.Control("tcp", address, nil)
		if got := err != nil; got != (want != "") || got && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", address, err, want)
		}
	}
}

// TestAllLeavesOutMetadata allows all networks, and then the one in which clouds have
// their metadata.
func TestAllLeavesOutMetadata(t *testing.T) {
	t.Parallel()
	all := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
	named := append(all, netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("fd00::/8"))
	for address, whereNamed := range map[string]bool{
		"169.254.169.254:80": true, "[::ffff:169.254.169.254]:80": true, "[fd00:ec2::254]:80": true, "[fe80::1%lo]:80": false, "100.100.100.200:80": false,
	} {
		if err := (function.Reach{Networks: all}).Control("tcp", address, nil); err == nil {
			t.Errorf("%s is among all", address)
		}
		if err := (function.Reach{Networks: named}).Control("tcp", address, nil); (err == nil) != whereNamed {
			t.Errorf("%s: got %v", address, err)
		}
	}
	for _, address := range []string{"169.253.0.1:80", "100.100.100.201:80", "[fd00::1]:80", "127.0.0.1:80"} {
		if err := (function.Reach{Networks: all}).Control("tcp", address, nil); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestNamesAreCheckedOnceResolved lets a name change its mind: each connection is
// checked for itself, with the address that it goes to.
func TestNamesAreCheckedOnceResolved(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.Header().Set("Connection", "close")
		w.Write([]byte("1"))
	})}
	go web.Serve(listener)
	t.Cleanup(func() { web.Close() })

	_, port, _ := net.SplitHostPort(listener.Addr().String())
	reach := function.Reach{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}
	resolver := answering(t, "127.0.0.1", "127.0.0.2", "169.254.169.254", "10.0.0.1")
	r, err := function.NewRegistry(function.Config{Reach: reach, Resolver: resolver}, []function.Declaration{{URN: hello, URL: "http://rebinds.example:" + port}})
	if err != nil {
		t.Fatal(err)
	}
	checkOutput(t, r.Invoke(context.Background(), request()), "1")
	for range 3 {
		checkFailure(t, r.Invoke(context.Background(), request()), function.PermissionError)
	}
	if n := calls.Load(); n != 1 {
		t.Errorf("there were %d calls, want 1", n)
	}
}

// TestRedirectsAreNotFollowed has a function that may be called lead to one that
// may not.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	port, connections := listenEverywhere(t)
	for _, to := range []string{"http://127.0.0.1:" + port, "//127.0.0.1:" + port, "http://[::1]:" + port + "/", "/elsewhere"} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusTemporaryRedirect)
		})
		checkFailure(t, newRegistry(t, function.Config{}, url).Invoke(context.Background(), request()), function.FunctionStageOtherErrors)
	}
	if n := connections.Load(); n != 0 {
		t.Errorf("there were %d connections", n)
	}
}

// noNames is a resolver that knows no name but those of the machine itself.
func noNames(t *testing.T) *net.Resolver {
	t.Helper()
	return answering(t)
}

// answering is a resolver that says of every name that it has the first address,
// when it is asked again the second one, and so on; without addresses, that
// there is no such name.
func answering(t *testing.T, addresses ...string) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		asked := 0
		query := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(query)
			if err != nil {
				return
			}
			var address netip.Addr
			if asked < len(addresses) {
				address = netip.MustParseAddr(addresses[asked])
			}
			reply, isA := replyTo(query[:n], address)
			if isA {
				asked++
			}
			server.WriteTo(reply, from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		dialer := net.Dialer{Timeout: time.Minute}
		return dialer.DialContext(ctx, "udp4", server.LocalAddr().String())
	}}
}

// replyTo answers a DNS query (RFC 1035): for an IPv4 address with the address,
// if it is one, and for anything else with nothing.
func replyTo(query []byte, address netip.Addr) (reply []byte, isA bool) {
	end := 12 // of the question, which follows the header
	for query[end] != 0 {
		end += int(query[end]) + 1
	}
	end += 1 + 4
	isA = binary.BigEndian.Uint16(query[end-4:]) == 1
	reply = append([]byte(nil), query[:end]...)
	answers, code := uint16(0), uint16(0)
	switch {
	case !address.IsValid():
		code = 3 // there is no such name
	case isA:
		answers = 1
		reply = append(reply, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
		reply = append(reply, address.AsSlice()...)
	}
	binary.BigEndian.PutUint16(reply[2:], 0x8180|code)
	binary.BigEndian.PutUint16(reply[6:], answers)
	binary.BigEndian.PutUint16(reply[8:], 0)
	binary.BigEndian.PutUint16(reply[10:], 0)
	return reply, isA
}
