package e2e

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// deferring are functions that take calls and give nothing back yet. They note
// where each result is to be reported.
type deferring struct {
	mu    sync.Mutex
	urls  map[string]string // by the input of the call
	calls int
}

func (d *deferring) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	input, _ := io.ReadAll(r.Body)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.urls[string(input)] = r.Header.Get("X-Heddle-Callback-Url")
	d.calls++
	w.WriteHeader(http.StatusAccepted)
}

// of returns where the result for an input is reported, or "".
func (d *deferring) of(input string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.urls[input]
}

func (d *deferring) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls
}

// TestCallbacks lets functions report later, across kill -9, once, twice, too
// late and with forged URLs.
func TestCallbacks(t *testing.T) {
	t.Parallel()
	d := &deferring{urls: map[string]string{}}
	s := newServerWith(t, functions{"later": d.ServeHTTP})
	s.start()
	slow := s.mustStart(t, strings.Replace(calling("later"), `"function"`, `"timeout":300,"function"`, 1), `"reported"`)
	short := s.mustStart(t, strings.Replace(calling("later"), `"function"`, `"timeout":2,"results":[{"match":"States.Timeout","max-retry":1,"retry-interval":1}],"function"`, 1), `"silent"`)
	stopped := s.mustStart(t, calling("later"), `"stopped"`)
	eventually(t, "all calls are deferred", func() bool {
		for _, urn := range []string{slow, stopped} {
			records, err := s.history(urn)
			if err != nil {
				t.Fatal(err)
			}
			if records[len(records)-1].Type != "Action Deferred" {
				return false
			}
		}
		return true
	})
	calls := d.count()
	for range 3 {
		s.kill()
		s.start()
	}

	report := func(url, body string) answer {
		t.Helper()
		path, ok := strings.CutPrefix(url, "http://"+s.address)
		if !ok {
			t.Fatalf("the URL %q is not one of the server", url)
		}
		a, err := s.request(http.MethodPost, path, []byte(body), nil)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	url := d.of(`"reported"`)
	for i := range len(url) - len("http://"+s.address+"/callbacks/") {
		at := len(url) - 1 - i
		other := byte('A')
		if url[at] == other {
			other = 'B'
		}
		if a := report(url[:at]+string(other)+url[at+1:], `"forged"`); a.status != http.StatusNotFound {
			t.Fatalf("a forged URL was answered %v", a)
		}
	}
	if a := report(url, `{"answer":42}`); a.status != http.StatusNoContent {
		t.Fatalf("a report was answered %v", a)
	}
	if a := report(url, `{"answer":43}`); a.status != http.StatusConflict || a.code() != "FGS.9005" {
		t.Errorf("a second report was answered %v", a)
	}
	s.kill()
	s.start()
	if a := report(url, `{"answer":44}`); a.status != http.StatusConflict || a.code() != "FGS.9005" {
		t.Errorf("a report after a restart was answered %v", a)
	}
	if x := s.awaitEnd(t, slow); x.Status != "SUCCESS" || x.Output != `{"answer":42}` {
		t.Errorf("it ended %s with %s", x.Status, x.Output)
	}

	graph := strings.Replace(stopped[:strings.LastIndex(stopped[:strings.LastIndex(stopped, ":")], ":")], ":execution:", ":graph:", 1)
	if a, err := s.stopExecution(graph, stopped); err != nil || a.status != http.StatusOK {
		t.Fatalf("a stop of %s was answered %v, %v", stopped, a, err)
	}
	if a := report(d.of(`"stopped"`), `1`); a.status != http.StatusConflict {
		t.Errorf("a report after a stop was answered %v", a)
	}

	if x := s.awaitEnd(t, short); x.Status != "FAILED" || !strings.Contains(x.Output, "States.Timeout") || !strings.Contains(x.Output, `"attempts":2`) {
		t.Errorf("it ended %s with %s", x.Status, x.Output)
	}
	if a := report(d.of(`"silent"`), `1`); a.status != http.StatusConflict {
		t.Errorf("a report that came too late was answered %v", a)
	}
	if now := d.count(); now < calls || now > calls+2 {
		t.Errorf("there were %d calls, and %d after restarts: only the one that timed out is made anew", calls, now)
	}
}
