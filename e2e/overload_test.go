package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestOverload fills a server up to its limits. What is beyond is refused, each
// time cleanly: nothing of it exists, a stop comes through, and when there is
// room again, it is used.
func TestOverload(t *testing.T) {
	t.Parallel()
	const other = "0000000000000000000000000000000b"
	release := make(chan struct{})
	s := newServerWith(t, functions{"wait": func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		select {
		case <-release:
			w.Write(body)
		case <-r.Context().Done():
		}
	}}, other)
	s.set("limit-open-executions: 4")
	s.start()
	graph, err := s.createGraph("g", calling("wait"))
	if err != nil {
		t.Fatal(err)
	}
	otherPath := strings.Replace(base, project, other, 1) + "/cloud_graphs"
	otherGraph := strings.Replace(graph, project, other, 1)
	definition := strings.Replace(calling("wait"), project, other, 1)
	if a, err := s.call(http.MethodPost, otherPath, map[string]string{"graph_name": "g", "definition": definition}, nil); err != nil || a.status != http.StatusOK {
		t.Fatal(a, err)
	}
	startOther := func() (answer, error) {
		return s.call(http.MethodPost, otherPath+"/"+otherGraph+"/executions/action",
			map[string]any{"action_type": "start", "executions": map[string]string{"execution_name": "e", "input": "{}"}}, nil)
	}

	var started []string
	for range 3 {
		started = append(started, s.mustStartOf(t, graph, "{}"))
	}
	for range 5 {
		a, err := s.startExecution(graph, "beyond", "{}", "")
		wantRefusal(t, a, err, http.StatusTooManyRequests, "FGS.9003")
	}
	if a, err := startOther(); err != nil || a.status != http.StatusOK {
		t.Fatalf("another project: %v, %v", a, err)
	}
	a, err := startOther()
	wantRefusal(t, a, err, http.StatusServiceUnavailable, "FGS.9004")

	if a, err := s.stopExecution(graph, started[0]); err != nil || a.status != http.StatusOK {
		t.Errorf("a stop: %v, %v", a, err)
	}
	eventually(t, "the stopped one makes room", func() bool {
		a, err := s.startExecution(graph, "after", "{}", "")
		if err != nil {
			t.Fatal(err)
		}
		return a.status == http.StatusOK
	})
	close(release)
	eventually(t, "all have ended", func() bool {
		list, err := s.list(graph)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != 4 {
			t.Fatalf("there are %d executions, want 4: %v", len(list), list)
		}
		ended := 0
		for _, x := range list {
			if x.Name == "beyond" {
				t.Fatalf("a refused start exists: %v", x)
			}
			if x.Status != "RUNNING" {
				ended++
			}
		}
		return ended == len(list)
	})
}

func wantRefusal(t *testing.T, a answer, err error, status int, code string) {
	t.Helper()
	if err != nil || a.status != status || a.code() != code || a.header.Get("Retry-After") == "" {
		t.Errorf("got %v, Retry-After %q, %v, want %d %s with Retry-After", a, a.header.Get("Retry-After"), err, status, code)
	}
}

// TestCallsAtATime counts how many calls of a function are under way at most:
// its own limit, that of a dynamic-extend, and no other function waits for it.
func TestCallsAtATime(t *testing.T) {
	t.Parallel()
	var count counter
	s := newServerWith(t, functions{
		"counted": func(w http.ResponseWriter, r *http.Request) {
			defer count.enter()()
			pause(r.Context(), 5*time.Millisecond)
			io.Copy(w, r.Body)
		},
	})
	s.set("limit-extend-parallel: 5\nlimit-function-calls: 8")
	s.start()
	graph, err := s.createGraph("g", strings.Replace(calling("counted"), `"type":"OPERATION"`, `"type":"OPERATION","action-mode":"PARALLEL","dynamic-extend":"$"`, 1))
	if err != nil {
		t.Fatal(err)
	}
	input := "[" + strings.TrimSuffix(strings.Repeat("1,", 60), ",") + "]"
	if x := s.awaitEnd(t, s.mustStartOf(t, graph, input)); x.Status != "SUCCESS" || count.most() > 5 {
		t.Errorf("%s, and up to %d calls at a time, want 5", x.Status, count.most())
	}
	var all []string
	for range 5 {
		all = append(all, s.mustStartOf(t, graph, input))
	}
	for _, urn := range all {
		if x := s.awaitEnd(t, urn); x.Status != "SUCCESS" {
			t.Errorf("%+v", x)
		}
	}
	if count.most() > 8 {
		t.Errorf("up to %d calls at a time, want 8", count.most())
	}
}
