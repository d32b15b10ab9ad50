package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// load is what clients ask of a server, and what they were told, over all the
// lives of its process.
type load struct {
	s        *server
	ledger   *ledger
	graphs   []*graph
	clockSet bool // the server's clock is set meanwhile

	mu     sync.Mutex
	starts []*start

	acknowledged, refused, doubtful atomic.Int64  // starts that were answered so
	longest                         time.Duration // that a client waited for an answer; guarded by mu
}

// start is a request to start an execution. No two have the same name.
type start struct {
	graph            *graph
	name, input, key string

	mu      sync.Mutex
	urn     string // once acknowledged
	refused bool   // the server said that nothing happened
	stopped string // when it was stopped, as the server said; "" if it was not
	doubt   bool   // a stop was sent, and no answer came
}

// newLoad creates the graphs on a server that runs.
func newLoad(t *testing.T, s *server, functions *ledger) *load {
	t.Helper()
	l := &load{s: s, ledger: functions, graphs: graphs()}
	for _, g := range l.graphs {
		var err error
		if g.urn, err = s.createGraph(g.name, g.definition); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// run lets some clients ask until ctx ends or the server is gone. It reports
// whether each request was answered.
func (l *load) run(ctx context.Context, t *testing.T, rng *rand.Rand, clients int) (answered bool) {
	var all sync.WaitGroup
	var unanswered atomic.Bool
	for range clients {
		own := rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64()))
		all.Go(func() {
			for ctx.Err() == nil {
				asked := time.Now()
				if !l.ask(t, own) {
					unanswered.Store(true)
					return
				}
				l.mu.Lock()
				l.longest = max(l.longest, time.Since(asked))
				l.mu.Unlock()
				pause(ctx, time.Duration(own.IntN(20))*time.Millisecond)
			}
		})
	}
	all.Wait()
	return !unanswered.Load()
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// ask makes one request of a client, and reports whether it was answered.
func (l *load) ask(t *testing.T, rng *rand.Rand) bool {
	earlier := l.any(rng)
	switch n := rng.IntN(10); {
	case n < 6 || earlier == nil:
		return l.begin(t, l.newStart(rng))
	case n == 6 && earlier.key != "":
		return l.begin(t, earlier)
	case n == 7:
		return l.stop(t, earlier)
	default:
		return l.look(t, earlier)
	}
}

// any returns one of the latest starts, or nil.
func (l *load) any(rng *rand.Rand) *start {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.starts) == 0 {
		return nil
	}
	return l.starts[len(l.starts)-1-rng.IntN(min(len(l.starts), 50))]
}

func (l *load) newStart(rng *rand.Rand) *start {
	return l.newStartOf(l.graphs[rng.IntN(len(l.graphs))], rng)
}

func (l *load) newStartOf(g *graph, rng *rand.Rand) *start {
	l.mu.Lock()
	defer l.mu.Unlock()
	st := &start{
		graph: g,
		name:  fmt.Sprintf("e%d", len(l.starts)),
	}
	st.input = inputOf(st.name, rng.IntN(30))
	if rng.IntN(3) == 0 {
		st.key = "key-" + st.name
	}
	l.starts = append(l.starts, st)
	return st
}

// begin sends a start, or sends one again that has a key.
func (l *load) begin(t *testing.T, st *start) bool {
	a, err := l.s.startExecution(st.graph.urn, st.name, st.input, st.key)
	if err != nil {
		return false
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	switch {
	case a.status == http.StatusOK:
		var started struct {
			URN string `json:"execution_urn"`
		}
		if err := json.Unmarshal(a.body, &started); err != nil || started.URN == "" {
			t.Errorf("the answer to a start is %v", a)
		}
		if st.urn != "" && st.urn != started.URN {
			t.Errorf("the key %s gave %s, and now %s", st.key, st.urn, started.URN)
		}
		st.urn, st.refused = started.URN, false
		l.acknowledged.Add(1)
		return true
	case a.code() == "FGS.9004":
		if a.header.Get("Retry-After") == "" {
			t.Errorf("a refusal without Retry-After: %v", a)
		}
		st.refused = st.urn == "" && st.key == "" // one with a key may have come through at another time
		l.refused.Add(1)
		return true
	case a.code() == "FGS.9006":
		if repeat := a.header.Get("Retry-After") != ""; repeat != (st.key != "") {
			t.Errorf("a start with the key %q may be repeated, says the answer: %v", st.key, repeat)
		}
		l.doubtful.Add(1)
		return true
	}
	t.Errorf("the answer to a start is %v", a)
	return true
}

// stop stops an execution if it runs.
func (l *load) stop(t *testing.T, st *start) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.urn == "" {
		return true
	}
	a, err := l.s.stopExecution(st.graph.urn, st.urn)
	if err != nil {
		st.doubt = true
		return false
	}
	switch {
	case a.status == http.StatusOK:
		var answer struct {
			StoppedAt string `json:"stopped_at"`
		}
		if err := json.Unmarshal(a.body, &answer); err != nil || answer.StoppedAt == "" {
			t.Errorf("the answer to a stop is %v", a)
		}
		if st.stopped == "" {
			st.stopped = answer.StoppedAt
		}
	case a.code() == "FGS.9006":
		st.doubt = true
	case a.code() != "FGS.2022" && a.code() != "FGS.9004":
		t.Errorf("the answer to a stop is %v", a)
	}
	return true
}

// look reads a history, so that the answers of functions in it are settled.
func (l *load) look(t *testing.T, st *start) bool {
	st.mu.Lock()
	urn := st.urn
	st.mu.Unlock()
	if urn == "" {
		return true
	}
	records, err := l.s.history(urn)
	var refused refusal
	if errors.As(err, &refused) && refused.code() == "FGS.9004" {
		return true
	}
	if err != nil {
		return false
	}
	l.ledger.settle(records)
	return true
}
