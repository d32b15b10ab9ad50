package engine_test

import (
	"context"
	"math"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/alarm"
	"heddle/internal/definition"
	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/store"
)

// two calls two functions at once; the first is tried again.
const two = `{"states":{"a":{"type":"OPERATION","start":true,"action-mode":"PARALLEL","actions":[
	{"action-name":"f","function":"` + fn + `","results":[{"match":"MatchAny","max-retry":1,"retry-interval":3}]},
	{"action-name":"g","function":"` + fn + `"}],"next-state":"end"},"end":{"type":"END"}}}`

// begun returns an execution of a graph after its first turn, and its calls.
func begun(t *testing.T, text string, at journal.Millis) (*engine.Execution, []engine.Call) {
	t.Helper()
	d, problems := definition.Parse(text)
	if len(problems) > 0 {
		t.Fatalf("definition: %v", problems)
	}
	g := &engine.Graph{Machine: machine.Machine{
		Definition: d,
		Limits:     machine.Limits{Visits: 10, Elements: 10, ElementsAtOnce: 10, ResultBytes: 100},
	}}
	req := engine.StartRequest{Name: "x", Input: "1"}
	x, draft := engine.Conceive(g, store.ExecutionID{1}, at, req)
	_, a := x.Begun(draft, store.Outcome{}, req, false)
	if a.Err != nil {
		t.Fatal(a.Err)
	}
	return x, a.Work.Begin
}

// step takes an execution through a turn that is stored.
func step(t *testing.T, x *engine.Execution, at journal.Millis, in machine.Input) engine.Work {
	t.Helper()
	return x.Settle(x.Decide(at, in), nil, false).Work
}

// A nap ends too early if the clock is set back meanwhile.
func TestANapThatWasTooShortIsBegunAgain(t *testing.T) {
	t.Parallel()
	x, calls := begun(t, two, 1_000)
	failed := calls[0].Answer(0, engine.Result{Failure: &engine.Failure{Name: definition.FailureAction}})
	if w := step(t, x, 1_000, failed); w.Nap != 4_000 {
		t.Errorf("after the failure the nap lasts until %d, want 4000", w.Nap)
	}
	if w := step(t, x, 3_000, machine.Tick{}); w.Nap != 4_000 || len(w.Begin) > 0 {
		t.Errorf("after an early tick the work is %+v, want a nap until 4000", w)
	}
	if w := step(t, x, 4_000, machine.Tick{}); w.Nap != 0 || len(w.Begin) != 1 || w.Begin[0].Attempt != 2 {
		t.Errorf("after the tick the work is %+v, want the second attempt", w)
	}
}

// While an engine drains it begins nothing, and so does not wait for the time
// to begin something.
func TestADrainDoesNotWaitForRetries(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", two)
		var failed atomic.Int32
		r.calls.answer = func(ctx context.Context, c engine.Call) engine.Result {
			if c.Action == "f" {
				failed.Add(1)
				return engine.Result{Failure: &engine.Failure{Name: definition.FailureAction}}
			}
			return slow(4*time.Second)(ctx, c)
		}
		key := r.start("1")
		synctest.Wait()
		if err := r.halt(); err != nil {
			t.Fatal(err)
		}
		if n := failed.Load(); n != 1 {
			t.Errorf("%d attempts were made while draining, want 1", n)
		}
		r.calls.answer = nil
		r.run()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		r.end(key)
	})
}

// A clock that was set back must not keep the engine from looking for hours.
func TestSleepsAreBounded(t *testing.T) {
	t.Parallel()
	const at = 1_000_000
	for until, want := range map[journal.Millis]time.Duration{
		at - 1:         -time.Millisecond,
		at + 1:         time.Millisecond,
		at + 299_999:   5*time.Minute - time.Millisecond,
		at + 300_001:   5 * time.Minute,
		math.MaxInt64:  5 * time.Minute,
		at + 3_600_000: 5 * time.Minute,
	} {
		if got := alarm.SleepFor(at, until); got != want {
			t.Errorf("until %d: got %v, want %v", until, got, want)
		}
	}
}
