package e2e

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestReach lets graphs call what no function may be: with the setting, and
// always the server itself. Each ends with a reason that says so.
func TestReach(t *testing.T) {
	t.Parallel()
	echo := functions{"echo": func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }}
	for _, c := range []struct {
		name, settings string
		listen         string // in place of 127.0.0.1
		want           string // in the output
	}{
		{"on loopback all is allowed", "", "", `"in"`},
		{"it can be forbidden there", "function-networks: none", "", "States.PermissionError"},
		{"beyond loopback it is forbidden", "", "0.0.0.0", "it is at a loopback address"},
		{"it can be allowed there", "function-networks: 127.0.0.0/8", "0.0.0.0", `"in"`},
		{"other networks do not help", "function-networks: 10.0.0.0/8,192.168.0.0/16", "", "it is at a loopback address"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newServerWith(t, echo)
			s.set(c.settings)
			if c.listen != "" {
				s.administered()
				s.flags = []string{"--insecure-http", "--listen", strings.Replace(s.address, "127.0.0.1", c.listen, 1)}
			}
			s.start()
			if c.listen != "" {
				s.login("admin", adminPassword)
			}
			x := s.awaitEnd(t, s.mustStart(t, calling("echo"), `"in"`))
			if !strings.Contains(x.Output, c.want) {
				t.Errorf("it ended %s with %s, want %s", x.Status, x.Output, c.want)
			}
		})
	}
	t.Run("never the server itself", func(t *testing.T) {
		t.Parallel()
		s := newServer(t, nil)
		port := s.address[strings.LastIndex(s.address, ":"):]
		declared := "function-networks: all\nfunctions:\n"
		hosts := []string{"127.0.0.1", "localhost", "127.0.0.2", "0.0.0.0", "[::ffff:127.0.0.1]"}
		for i, host := range hosts {
			declared += fmt.Sprintf("  - urn: %s\n    url: http://%s%s/healthz\n", function(fmt.Sprintf("self%d", i)), host, port)
		}
		s.set(declared)
		s.start()
		for i, host := range hosts {
			x := s.awaitEnd(t, s.mustStart(t, calling(fmt.Sprintf("self%d", i)), `1`))
			if x.Status != "FAILED" || !strings.Contains(x.Output, "States.PermissionError") || !strings.Contains(x.Output, "a port of this service itself") {
				t.Errorf("%s: it ended %s with %s", host, x.Status, x.Output)
			}
		}
	})
}
