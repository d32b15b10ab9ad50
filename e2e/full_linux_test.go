package e2e

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDiskFull fills the disk under a running server, and makes room again, a
// few times. While there is little room left, no start is taken, and what runs
// comes to its end. While there is none, that waits. The server answers
// questions all the time, and goes on by itself once there is room.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir := mountSmall(t)
	called, answers := make(chan struct{}, 100), make(chan struct{})
	s := newServerWith(t, functions{"gate": func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		called <- struct{}{}
		select {
		case <-answers:
			w.Write(body)
		case <-r.Context().Done():
		}
	}})
	s.dir = filepath.Join(dir, "data")
	s.start()
	graph, err := s.createGraph("gate", calling("gate"))
	if err != nil {
		t.Fatal(err)
	}
	input := `"` + strings.Repeat("x", 5000) + `"`
	var acknowledged []string
	start := func() {
		t.Helper()
		acknowledged = append(acknowledged, s.mustStartOf(t, graph, input))
		<-called
	}
	filler := filepath.Join(dir, "filler")
	for range amount(2, 20) {
		start()
		fill(t, filler, 300<<10)
		s.wantFull(t, graph)
		answers <- struct{}{}
		if x := s.awaitEnd(t, acknowledged[len(acknowledged)-1]); x.Status != "SUCCESS" {
			t.Errorf("with little room %s ended %s", x.URN, x.Status)
		}

		empty(t, filler)
		for range 5 {
			start()
		}
		fill(t, filler, 0)
		s.wantFull(t, graph)
		for range 5 {
			answers <- struct{}{}
		}
		for range 10 {
			s.wantFull(t, graph)
			if x, err := s.show(acknowledged[0]); err != nil || x.Status != "SUCCESS" {
				t.Fatalf("with a full disk an execution shows %s, %v", x.Status, err)
			}
		}
		empty(t, filler)
		for _, x := range s.awaitAll(t, graph) {
			if x.Status != "SUCCESS" {
				t.Errorf("%s ended %s", x.URN, x.Status)
			}
		}
	}
	all, err := s.list(graph)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(acknowledged) {
		t.Errorf("%d starts were acknowledged and there are %d executions", len(acknowledged), len(all))
	}
	s.drain()
}

// wantFull checks that a start is refused for want of room, and cleanly.
func (s *server) wantFull(t *testing.T, graph string) {
	t.Helper()
	a, err := s.startExecution(graph, "refused", "{}", "")
	if err != nil || a.status != http.StatusServiceUnavailable || a.code() != "FGS.9004" || a.header.Get("Retry-After") == "" {
		t.Fatalf("with a full disk a start was answered %v, %v, want 503 FGS.9004 with Retry-After", a, err)
	}
}

// empty makes the room again that a file took.
func empty(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}
