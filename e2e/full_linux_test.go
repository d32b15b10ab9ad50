package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDiskFull fills the disk under a running server, and makes room again, a
// few times: the server refuses what it cannot store, still answers questions,
// and goes on by itself once there is room.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir := mountSmall(t)
	s := newServerOn(t, filepath.Join(dir, "data"), nil)
	s.start()
	graph, err := s.createGraph("pass", graphs()[0].definition)
	if err != nil {
		t.Fatal(err)
	}
	acknowledged := []string{s.mustStartOf(t, graph, "{}")}
	filler := filepath.Join(dir, "filler")
	try := func(input string) (refused bool) {
		a, err := s.startExecution(graph, "e", input, "")
		if err != nil {
			t.Fatal(err)
		}
		var started struct {
			URN string `json:"execution_urn"`
		}
		if a.into(&started) == nil {
			acknowledged = append(acknowledged, started.URN)
			return false
		}
		if a.status != http.StatusServiceUnavailable || a.code() != "FGS.9004" || a.header.Get("Retry-After") == "" {
			t.Fatalf("with a full disk a start was answered %v, want 503 FGS.9004 with Retry-After", a)
		}
		return true
	}
	large := `"` + strings.Repeat("x", 30000) + `"`
	for range amount(2, 20) {
		fill(t, filler)
		eventually(t, "a start is refused", func() bool { return try(large) })
		for range 20 {
			try(large)
			if x, err := s.show(acknowledged[0]); err != nil || x.Status != "SUCCESS" {
				t.Fatalf("with a full disk an execution shows %s, %v", x.Status, err)
			}
		}
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
		eventually(t, "a start is taken again", func() bool { return !try("{}") })
	}

	all, err := s.list(graph)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(acknowledged) {
		t.Errorf("%d starts were acknowledged and there are %d executions", len(acknowledged), len(all))
	}
	for _, urn := range acknowledged {
		if x := s.awaitEnd(t, urn); x.Status != "SUCCESS" {
			t.Errorf("%s ended %s", urn, x.Status)
		}
	}
	if code := s.terminate(); code != 0 {
		t.Errorf("the server ended with the code %d", code)
	}
}
