package e2e

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

// TestDiskStalls lets one sync take very long: longer than a server may be silent
// that says it is ready. Whoever waits for it gets an
// answer in the end, reads go on meanwhile, and the server says that it is not
// ready.
func TestDiskStalls(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	calls := s.intercept(t, syncs)
	s.start()
	graph, err := s.createGraph("pass", graphs()[0].definition)
	if err != nil {
		t.Fatal(err)
	}
	acknowledged := map[string]bool{s.mustStartOf(t, graph, "{}"): true}
	doubtful := 0
	for range amount(1, 3) {
		calls.set(func(c systemCall) fate {
			if c.nth == 1 {
				return fate{delay: time.Duration(amount(5, 10)) * time.Second}
			}
			return fate{}
		})
		var clients sync.WaitGroup
		answers := make(chan answer, 10)
		for n := range cap(answers) {
			clients.Go(func() {
				a, err := s.startExecution(graph, fmt.Sprint("e", n), "{}", "")
				if err != nil {
					t.Errorf("a start got no answer: %v", err)
				}
				answers <- a
			})
		}
		eventually(t, "the disk stalls", func() bool { return calls.count(syncs) > 0 })
		if all, err := s.list(graph); err != nil || len(all) < len(acknowledged) {
			t.Errorf("while the disk stalls, %d executions are listed: %v", len(all), err)
		}
		eventually(t, "the server is not ready", func() bool {
			a, err := s.call(http.MethodGet, "/readyz", nil, nil)
			return err == nil && a.status == http.StatusServiceUnavailable
		})
		clients.Wait()
		close(answers)
		for a := range answers {
			var started struct {
				URN string `json:"execution_urn"`
			}
			switch {
			case a.into(&started) == nil:
				acknowledged[started.URN] = true
			case a.code() == "FGS.9004": // refused, and so not there at the end
			case a.code() == "FGS.9006":
				doubtful++
			default:
				t.Errorf("a start was answered %v", a)
			}
		}
		calls.set(nil)
		eventually(t, "the server is ready again", func() bool {
			a, err := s.call(http.MethodGet, "/readyz", nil, nil)
			return err == nil && a.status == http.StatusOK
		})
	}
	all, err := s.list(graph)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < len(acknowledged) || len(all) > len(acknowledged)+doubtful {
		t.Errorf("%d starts were acknowledged and %d in doubt, and there are %d executions", len(acknowledged), doubtful, len(all))
	}
	for _, x := range all {
		delete(acknowledged, x.URN)
	}
	for urn := range acknowledged {
		t.Errorf("%s was acknowledged and is not there", urn)
	}
}
