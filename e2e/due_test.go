package e2e

import (
	"context"
	"sync"
	"testing"
	"time"
)

// TestManyAreDueAtOnce has very many executions wait for the same moment. Each
// goes on once and none before its time, and others are started meanwhile.
func TestManyAreDueAtOnce(t *testing.T) {
	t.Parallel()
	many, inAdvance := amount(1000, 100_000), time.Duration(amount(4, 60))*time.Second
	s := newServer(t, nil)
	s.start()
	pass, err := s.createGraph("pass", graphs()[0].definition)
	if err != nil {
		t.Fatal(err)
	}
	d := dueAtOnce{s: s, at: time.Now().Add(inAdvance), graphs: map[time.Duration]*dueGraph{}}
	d.startAll(t, many)
	if late := time.Since(d.at); late > 0 {
		t.Logf("the last was started %v too late to be due with the others", late)
	}
	others := 0
	ctx, cancel := context.WithTimeout(t.Context(), time.Until(d.at)+4*patience)
	defer cancel()
	for !d.allEnded(t) {
		if x := s.awaitEnd(t, s.mustStartOf(t, pass, `{"n":0}`)); x.Status != "SUCCESS" {
			t.Errorf("beside those that were due an execution ended %s: %s", x.Status, x.Output)
		}
		others++
		if pause(ctx, 100*time.Millisecond); ctx.Err() != nil {
			t.Fatal("those that are due do not go on")
		}
	}
	t.Logf("%d executions waited, and %d others were started until all had ended", many, others)
}

// dueAtOnce is executions that wait until about the same moment. A DELAY is a
// number of seconds, so there is a graph for each second in which one is started.
type dueAtOnce struct {
	s  *server
	at time.Time

	mu     sync.Mutex
	graphs map[time.Duration]*dueGraph // by their delay; guarded by mu
}

type dueGraph struct {
	urn     string
	started int // executions
	ended   bool
}

func (d *dueAtOnce) startAll(t *testing.T, many int) {
	t.Helper()
	var clients sync.WaitGroup
	const atOnce = 32
	for client := range atOnce {
		clients.Go(func() {
			for n := client; n < many; n += atOnce {
				d.startOne(t)
			}
		})
	}
	clients.Wait()
}

func (d *dueAtOnce) startOne(t *testing.T) {
	delay := max(time.Until(d.at).Round(time.Second), time.Second)
	d.mu.Lock()
	g, known := d.graphs[delay]
	if !known {
		definition := delayGraph(int(delay.Seconds()))
		urn, err := d.s.createGraph(definition.name, definition.definition)
		if err != nil {
			t.Error(err)
		}
		g = &dueGraph{urn: urn}
		d.graphs[delay] = g
	}
	g.started++
	d.mu.Unlock()
	if a, err := d.s.startExecution(g.urn, "waits", "{}", ""); err != nil || a.status != 200 {
		t.Error(a, err)
	}
}

// allEnded reports whether all have ended, and checks those of a graph once
// they have.
func (d *dueAtOnce) allEnded(t *testing.T) bool {
	t.Helper()
	for delay, g := range d.graphs {
		if g.ended {
			continue
		}
		all, err := d.s.list(g.urn)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range all {
			if x.Status == "RUNNING" {
				return false
			}
			if waited := timeOf(x.StoppedAt).Sub(timeOf(x.StartedAt)); x.Status != "SUCCESS" || waited < delay {
				t.Errorf("%s ended %s after %v, want SUCCESS and at least %v", x.URN, x.Status, waited, delay)
			}
		}
		if len(all) != g.started {
			t.Errorf("%d executions were started, and there are %d", g.started, len(all))
		}
		g.ended = true
	}
	return true
}
