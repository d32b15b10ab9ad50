package e2e

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"
)

// drainMax is the time that a server is allowed between SIGTERM and its end.
const drainMax = 10 * time.Second

// TestDrain asks the server to end while clients go on asking it: what it
// acknowledged is not lost, and what it refused has not happened.
func TestDrain(t *testing.T) {
	t.Parallel()
	functions := newLedger(t)
	s := newServer(t, functions)
	s.start()
	l := newLoad(t, s, functions)
	rng := rand.New(rand.NewPCG(1, 1))
	for range amount(2, 20) {
		loaded := make(chan struct{})
		go func() {
			defer close(loaded)
			l.run(t.Context(), t, rng, 6) // until the server is gone
		}()
		pause(t.Context(), time.Second)
		s.drain()
		<-loaded
		s.start()
	}
	l.verify(t)
}

// drain terminates the process, which must go in time and in order.
func (s *server) drain() {
	s.t.Helper()
	asked := time.Now()
	if code := s.terminate(); code != 0 {
		s.t.Errorf("the server ended with the code %d after SIGTERM", code)
	}
	if took := time.Since(asked); took > drainMax {
		s.t.Errorf("the server took %v to end after SIGTERM, more than %v", took, drainMax)
	}
}

// TestCallAgain ends the process while a function is being called. The call is
// made again by the next one, under the same invocation id; the one before it,
// whose answer was recorded, is not.
func TestCallAgain(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*server){"killed": (*server).kill, "drained": (*server).drain} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			functions := newLedger(t)
			s := newServer(t, functions)
			s.start()
			urn := s.mustStart(t, states(operation("work", `"SEQUENTIAL"`, `"start":true,"next-state":"end"`, "echo", "hold")), `{"n":1}`)
			eventually(t, "the second function is called", func() bool { return len(functions.of(urn, "a1")) > 0 })
			end(s)
			s.start()
			if x := s.awaitEnd(t, urn); x.Status != "SUCCESS" || markless(x.Output) != echoed(echoed(`{"n":1}`)) {
				t.Errorf("it ended %s with %s", x.Status, x.Output)
			}
			if got := functions.of(urn, "a0"); len(got) != 1 {
				t.Errorf("the first function was called %d times: %+v", len(got), got)
			}
			if got := functions.of(urn, "a1"); len(got) != 2 || got[0].invocation != got[1].invocation {
				t.Errorf("the second function was called so: %+v, want twice with one invocation id", got)
			}
		})
	}
}

// TestDrainRefusesStarts holds a server in its draining by a call that takes
// long, and asks for starts meanwhile.
func TestDrainRefusesStarts(t *testing.T) {
	t.Parallel()
	functions := newLedger(t)
	s := newServer(t, functions)
	s.start()
	urn := s.mustStart(t, states(operation("work", `"SEQUENTIAL"`, `"start":true,"next-state":"end"`, "hold")), `{"n":1}`)
	eventually(t, "the function is called", func() bool { return len(functions.of(urn, "a0")) > 0 })
	graph, err := s.createGraph("late", graphs()[0].definition)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.drain()
	}()
	after, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	acknowledged := map[string]bool{}
	for after.Err() == nil {
		a, err := s.startExecution(graph, "late", "{}", "")
		if err != nil {
			break // nobody listens any more
		}
		var started struct {
			URN string `json:"execution_urn"`
		}
		switch {
		case a.into(&started) == nil:
			acknowledged[started.URN] = true
		case a.code() == "FGS.9004" && a.header.Get("Retry-After") != "":
			cancel()
		default:
			t.Errorf("a start was answered %v", a)
		}
	}
	<-ended
	s.start()
	all, err := s.list(graph)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(acknowledged) {
		t.Errorf("%d starts were acknowledged and there are %d executions", len(acknowledged), len(all))
	}
	for _, x := range all {
		if !acknowledged[x.URN] {
			t.Errorf("%s was not acknowledged and exists", x.URN)
		}
	}
}
