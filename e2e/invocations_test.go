package e2e

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const storedFunctions = "/v2/" + project + "/fgs/functions"

// invocations are what has been asked of a stored function, and what that was
// called with.
type invocations struct {
	server *server
	urn    string

	mu     sync.Mutex
	asked  int               // guarded by mu
	taken  map[string]string // the events that were acknowledged, by request id; guarded by mu
	called map[string]int    // how often the function got each event; guarded by mu
}

// newInvocations makes a function that fails on the first call with every
// fifth event.
func newInvocations(t *testing.T, s *server) *invocations {
	t.Helper()
	in := &invocations{server: s, urn: function("kept"), taken: map[string]string{}, called: map[string]int{}}
	target := httptest.NewServer(in)
	t.Cleanup(target.Close)
	a, err := s.call(http.MethodPost, storedFunctions, map[string]any{
		"func_name": "kept", "package": "default", "runtime": "http", "handler": "-",
		"timeout": 30, "memory_size": 128, "code_url": target.URL,
	}, nil)
	if err != nil || a.status != http.StatusOK {
		t.Fatal(a, err)
	}
	return in
}

func (in *invocations) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	event, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	in.mu.Lock()
	in.called[string(event)]++
	first := in.called[string(event)] == 1
	in.mu.Unlock()
	pause(r.Context(), time.Duration(rand.IntN(20))*time.Millisecond)
	if first && strings.HasSuffix(string(event), "5}") {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Write(event)
}

// invoke asks again and again until ctx ends: for three events in turn to be
// taken, and for one to be answered.
func (in *invocations) invoke(ctx context.Context, t *testing.T) {
	for ctx.Err() == nil {
		in.mu.Lock()
		in.asked++
		event, wait := fmt.Sprintf(`{"n":%d}`, in.asked), in.asked%4 == 0
		in.mu.Unlock()
		if wait {
			in.wait(t, event)
			continue
		}
		in.take(t, event)
	}
}

func (in *invocations) take(t *testing.T, event string) {
	a, err := in.server.request(http.MethodPost, storedFunctions+"/"+in.urn+"/invocations-async", []byte(event), nil)
	if err != nil || a.status == http.StatusServiceUnavailable || a.status == http.StatusTooManyRequests {
		return // no answer, or nothing has happened
	}
	id := a.header.Get("X-Cff-Request-Id")
	if a.status != http.StatusAccepted || id == "" {
		t.Errorf("%s: %v", event, a)
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.taken[id] = event
}

func (in *invocations) wait(t *testing.T, event string) {
	a, err := in.server.request(http.MethodPost, storedFunctions+"/"+in.urn+"/invocations", []byte(event), nil)
	if err == nil && a.status == http.StatusOK && string(a.body) != event {
		t.Errorf("%s was answered with %s", event, a.body)
	}
}

// verify waits until all that was taken is over, and wants each to have
// succeeded, and the function to have got each event.
func (in *invocations) verify(t *testing.T) {
	t.Helper()
	list := storedFunctions + "/" + in.urn
	var page struct {
		Count       int `json:"count"`
		Next        int `json:"next_marker"`
		Invocations []struct {
			ID     string `json:"request_id"`
			Status string `json:"status"`
		} `json:"invocations"`
	}
	read := func(path string) {
		t.Helper()
		a, err := in.server.call(http.MethodGet, list+path, nil, nil)
		if err != nil || a.into(&page) != nil {
			t.Fatal(a, err)
		}
	}
	eventually(t, "all invocations are over", func() bool {
		read("/active-async-invocations?limit=1")
		return page.Count == 0
	})
	statuses := map[string]string{}
	for marker := 0; ; marker = page.Next {
		read(fmt.Sprintf("/async-invocations?limit=500&marker=%d", marker))
		for _, one := range page.Invocations {
			statuses[one.ID] = one.Status
		}
		if page.Next == 0 {
			break
		}
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	t.Logf("%d events, %d taken, %d in the list", in.asked, len(in.taken), len(statuses))
	for id, event := range in.taken {
		if statuses[id] != "SUCCESS" || in.called[event] == 0 {
			t.Errorf("%s was taken as %s, is %q, and the function got it %d times", event, id, statuses[id], in.called[event])
		}
	}
}

// TestKillDuringInvocations kills the server again and again while it carries
// out invocations, and looks whether all that it has taken is done.
func TestKillDuringInvocations(t *testing.T) {
	t.Parallel()
	killInvocations(t, newServer(t, nil))
}

// TestKillDuringInvocationsOnPostgres does the same with PostgreSQL.
func TestKillDuringInvocationsOnPostgres(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	s.store = newSchema(t)
	killInvocations(t, s)
}

func killInvocations(t *testing.T, s *server) {
	rng := chance(t)
	s.start()
	in := newInvocations(t, s)
	for range int(number(t, "HEDDLE_E2E_KILLS", 5)) {
		life, end := context.WithTimeout(t.Context(), time.Duration(rng.IntN(800))*time.Millisecond)
		var clients sync.WaitGroup
		for range 4 {
			clients.Go(func() {
				if s.awaitReady(life) == nil {
					in.invoke(life, t)
				}
			})
		}
		<-life.Done()
		s.kill()
		end()
		clients.Wait()
		s.launch()
	}
	if err := s.awaitReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	in.verify(t)
}
