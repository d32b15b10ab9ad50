package admission_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"heddle/internal/admission"
)

// yard runs what its queue lets run, without goroutines: a run lasts until the
// test ends it.
type yard struct {
	*admission.Queue
	t     *testing.T
	runs  []func() // those that have begun, in that order
	ended []string // the names of those that have ended
}

func newYard(t *testing.T, l admission.Limits) *yard {
	y := &yard{t: t}
	y.Queue = admission.NewQueue(l, func(run func(context.Context)) context.CancelFunc {
		ctx, cancel := context.WithCancel(context.Background())
		y.runs = append(y.runs, func() { run(ctx) })
		return cancel
	})
	return y
}

// add adds a call, named like "a/f/1": project, lane, number.
func (y *yard) add(name string, max int) *admission.Ticket {
	parts := strings.Split(name, "/")
	return y.Add(admission.Lane{Project: parts[0], Name: parts[1], Max: max}, func(ctx context.Context) {
		if ctx.Err() != nil {
			name += " cancelled"
		}
		y.ended = append(y.ended, name)
	})
}

// end ends the run that began first, and returns its name.
func (y *yard) end() string {
	y.t.Helper()
	if len(y.runs) == 0 {
		y.t.Fatal("nothing runs")
	}
	run := y.runs[0]
	y.runs = y.runs[1:]
	run()
	return y.ended[len(y.ended)-1]
}

func (y *yard) running(want int) {
	y.t.Helper()
	if got := len(y.runs); got != want {
		y.t.Errorf("%d run, want %d", got, want)
	}
}

// drain ends one run after another and returns their names.
func (y *yard) drain() (order []string) {
	for len(y.runs) > 0 {
		order = append(order, y.end())
	}
	return order
}

func TestQueueGoesRound(t *testing.T) {
	t.Parallel()
	y := newYard(t, admission.Limits{All: 1, Project: 1, Lane: 1})
	for n := range 3 {
		y.add(fmt.Sprintf("a/f/%d", n), 0)
	}
	for n := range 2 {
		y.add(fmt.Sprintf("a/g/%d", n), 0)
	}
	y.add("b/f/0", 0)
	y.running(1)
	got := y.drain()
	want := []string{"a/f/0", "b/f/0", "a/g/0", "a/f/1", "a/g/1", "a/f/2"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestQueueKeepsLimits(t *testing.T) {
	t.Parallel()
	y := newYard(t, admission.Limits{All: 6, Project: 4, Lane: 3})
	for n := range 10 {
		y.add(fmt.Sprintf("a/slow/%d", n), 0)
	}
	y.running(3) // of the lane
	for n := range 10 {
		y.add(fmt.Sprintf("a/other/%d", n), 0)
	}
	y.running(4) // of the project
	y.add("b/own/0", 1)
	y.add("b/own/1", 1)
	y.running(5) // the lane's own limit is 1
	y.add("b/f/0", 0)
	y.add("b/g/0", 0)
	y.running(6) // in all
	if got := len(y.drain()); got != 24 {
		t.Errorf("%d have run, want 24", got)
	}
}

// TestQueueLetsOthersPass holds that a lane at its limit keeps neither its
// project nor others waiting.
func TestQueueLetsOthersPass(t *testing.T) {
	t.Parallel()
	y := newYard(t, admission.Limits{All: 10, Project: 10, Lane: 2})
	for n := range 5 {
		y.add(fmt.Sprintf("a/slow/%d", n), 0)
	}
	y.add("a/quick/0", 0)
	y.add("b/quick/0", 0)
	y.running(4)
}

func TestQueueCancels(t *testing.T) {
	t.Parallel()
	y := newYard(t, admission.Limits{All: 1, Project: 1, Lane: 1})
	running := y.add("a/f/0", 0)
	waiting := y.add("a/f/1", 0)
	y.add("b/f/0", 0)
	waiting.Cancel()
	waiting.Cancel()
	running.Cancel()
	got := y.drain()
	if want := []string{"a/f/0 cancelled", "b/f/0"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	running.Cancel() // has ended
	y.add("a/f/2", 0)
	y.running(1)
}

func TestQueueCloses(t *testing.T) {
	t.Parallel()
	y := newYard(t, admission.Limits{All: 1, Project: 1, Lane: 1})
	y.add("a/f/0", 0)
	y.add("a/f/1", 0)
	y.Close()
	if got, want := y.drain(), []string{"a/f/0"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	y.add("a/f/2", 0)
	y.running(0)
}

// TestQueueRaises holds that a lane's limit is the one that was said last.
func TestQueueRaises(t *testing.T) {
	t.Parallel()
	y := newYard(t, admission.Limits{All: 10, Project: 10, Lane: 1})
	for n := range 3 {
		y.add(fmt.Sprintf("a/f/%d", n), 0)
	}
	y.running(1)
	y.add("a/f/3", 3)
	y.running(3)
}
