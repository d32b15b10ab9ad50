package server_test

import (
	"bufio"
	"fmt"
	"net/http"
	"testing"
)

// askFor sends a request for a host, as a browser would for a page of that name.
func (r *running) askFor(host string) (status int) {
	r.t.Helper()
	conn := r.dial()
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nSec-Fetch-Site: same-origin\r\n\r\n", graphs, host)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

// TestRebinding has pages whose names were made to lead here ask for something:
// they get nowhere while reaching the port is enough.
func TestRebinding(t *testing.T) {
	t.Parallel()
	cfg := configFor(t.TempDir())
	cfg.PublicURL, cfg.Hosts = "https://heddle.example/api", "build, Shed.Example"
	r := run(t, cfg)
	for host, want := range map[string]int{
		"localhost":               200,
		"LOCALHOST.:8480":         200,
		"app.localhost":           200,
		"127.0.0.1:8480":          200,
		"127.8.8.8":               200,
		"[::1]:8480":              200,
		"[::ffff:127.0.0.1]":      200,
		"heddle.example":          200,
		"heddle.example:443":      200,
		"build:80":                200,
		"shed.example":            200,
		"evil.example":            403,
		"evil.example:8480":       403,
		"localhost.evil.example":  403,
		"127.0.0.1.evil.example":  403,
		"evil.heddle.example":     403,
		"heddle.example.":         200,
		"0.0.0.0:8480":            403,
		"192.168.1.1":             403,
		"127.1":                   403, // whatever a resolver makes of it
		"evil.example,localhost":  403,
		"localhost:80@evil":       400,
		"xn--lcalhost-54a.evil.x": 403,
	} {
		if got := r.askFor(host); got != want {
			t.Errorf("%s: got %d, want %d", host, got, want)
		}
	}
	// HTTP/1.0 needs no host, and no browser speaks it.
	conn := r.dial()
	fmt.Fprintf(conn, "GET /healthz HTTP/1.0\r\n\r\n")
	wantStatus(t, conn, "HTTP/1.0 200 ")

	user := `{"name":"ada","password":"correct horse","grants":[{"project":"*","role":"admin"}]}`
	if a := r.call("POST", "/heddle/users", user); a.status != 200 {
		t.Fatalf("make a user: %d %v", a.status, a.fields)
	}
	for _, host := range []string{"evil.example", "localhost"} { // from now on a credential is wanted
		if got := r.askFor(host); got != http.StatusUnauthorized {
			t.Errorf("%s, with a user: got %d, want 401", host, got)
		}
	}
}
