package e2e

import (
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"testing"
	"time"
)

// TestManyConnections opens more connections than the server may have files
// open. It does not spin, what runs goes on calling functions, and the server
// serves as ever once the connections are gone.
func TestManyConnections(t *testing.T) {
	t.Parallel()
	const files, connections = 256, 1000
	functions := newLedger(t)
	s := newServer(t, functions)
	s.prepare = func(p *exec.Cmd) (started func()) {
		shell := []string{"sh", "-c", fmt.Sprintf(`ulimit -n %d; exec "$0" "$@"`, files), p.Path}
		p.Path, p.Args = "/bin/sh", append(shell, p.Args[1:]...)
		return func() {}
	}
	s.start()
	graph, err := s.createGraph("sequence", states(
		`"wait":{"type":"DELAY","start":true,"time-delay":1,"next-state":"work"}`,
		operation("work", `"SEQUENTIAL"`, `"next-state":"end"`, "echo", "echo", "echo")))
	if err != nil {
		t.Fatal(err)
	}
	for range amount(1, 10) {
		var running []string
		for range 40 {
			running = append(running, s.mustStartOf(t, graph, `{"n":1}`))
		}
		s.client.CloseIdleConnections()
		crowd := make([]net.Conn, 0, connections)
		for range connections {
			c, err := net.DialTimeout("tcp", s.address, time.Second)
			if err != nil {
				break // the backlog is full, too
			}
			crowd = append(crowd, c)
			fmt.Fprintf(c, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
		}
		before, begun := s.processorTime(t), time.Now()
		pause(t.Context(), 3*time.Second)
		share := float64(s.processorTime(t)-before) / float64(time.Since(begun))
		t.Logf("with %d connections the server took %.0f %% of a processor and has %d files open", len(crowd), 100*share, s.openFiles(t))
		if share > 0.5 {
			t.Error("the server spins")
		}
		for _, c := range crowd {
			c.Close()
		}
		eventually(t, "the server answers again", func() bool {
			a, err := s.call(http.MethodGet, "/readyz", nil, nil)
			return err == nil && a.status == http.StatusOK
		})
		for _, urn := range running {
			if x := s.awaitEnd(t, urn); x.Status != "SUCCESS" {
				t.Errorf("%s ended %s: %s", urn, x.Status, x.Output)
			}
		}
		eventually(t, "the server has closed the connections", func() bool { return s.openFiles(t) < files/2 })
	}
}
