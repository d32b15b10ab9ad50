package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/admission"
	"heddle/internal/engine"
	"heddle/internal/store"
)

// startOf starts an execution of a project's graph "g".
func (r *rig) startOf(project string) error {
	_, err := r.Start(context.Background(), engine.StartRequest{Project: project, Graph: "g", Name: "x", Input: "1"})
	return err
}

// stored counts the executions of the graph "g".
func (r *rig) stored() int64 {
	r.t.Helper()
	g, err := r.store.GraphByName(context.Background(), project, "g")
	if err != nil {
		r.t.Fatal(err)
	}
	_, count, err := r.store.ListExecutions(context.Background(), store.ExecutionFilter{Graph: g.ID}, store.Page{Limit: 1})
	if err != nil {
		r.t.Fatal(err)
	}
	return count
}

func TestStartsBeyondTheLimitsAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		limit func(*engine.Config)
		want  error
	}{
		{"in all", func(cfg *engine.Config) { cfg.Open = admission.Room{Max: 3, Share: 5} }, engine.ErrOverloaded},
		{"of the project", func(cfg *engine.Config) { cfg.Open = admission.Room{Max: 5, Share: 3} }, engine.ErrShareUsed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inBubbleWith(t, c.limit, func(r *rig) {
				hold := make(chan struct{})
				r.calls.answer = func(ctx context.Context, c engine.Call) engine.Result {
					<-hold
					return engine.Result{Output: c.Input}
				}
				r.create("g", one)
				for range 3 {
					r.start("1")
				}
				for range 2 { // a refusal takes no room
					if err := r.startOf(project); !errors.Is(err, c.want) {
						t.Errorf("a fourth start: got %v, want %v", err, c.want)
					}
				}
				if n := r.stored(); n != 3 {
					t.Errorf("%d executions are stored, want 3", n)
				}
				close(hold)
				synctest.Wait()
				for range 5 { // those that have ended have made room
					r.start("1")
					synctest.Wait()
				}
			})
		})
	}
}

// TestWokenExecutionsCount holds that what was loaded counts as in motion: it is
// let in whether there is room or not, and starts come after it.
func TestWokenExecutionsCount(t *testing.T) {
	t.Parallel()
	limit := func(cfg *engine.Config) { cfg.Open = admission.Room{Max: 2, Share: 2} }
	inBubbleWith(t, limit, func(r *rig) {
		r.calls.answer = hang
		r.create("g", one)
		r.start("1")
		r.start("1")
		if err := r.halt(); err != nil {
			t.Fatal(err)
		}
		r.cfg.Open = admission.Room{Max: 1, Share: 1}
		r.run()
		if got := len(r.calls.ids()); got != 4 {
			t.Errorf("after a restart %d calls were made, want 2 and 2 again", got)
		}
		if err := r.startOf(project); !errors.Is(err, engine.ErrOverloaded) {
			t.Errorf("got %v, want ErrOverloaded", err)
		}
	})
}

// TestPendingStartsAreRefused lets the disk stand still: starts beyond the limit
// are refused at once, those within it after a while, and nothing of any of them
// is stored but of the one whose commit had begun.
func TestPendingStartsAreRefused(t *testing.T) {
	t.Parallel()
	limit := func(cfg *engine.Config) {
		cfg.Starts = admission.Room{Max: 4, Share: 3}
		cfg.StartWait = time.Second
	}
	inBubbleWith(t, limit, func(r *rig) {
		r.create("g", one)
		const stall = 5 * time.Second
		r.stall.Store(int64(stall))
		type answer struct {
			after time.Duration
			err   error
		}
		answers := make(chan answer, 10)
		begun := time.Now()
		begin := func() {
			go func() { answers <- answer{err: r.startOf(project), after: time.Since(begun)} }()
			synctest.Wait()
		}
		for range 4 {
			begin()
		}
		want := func(after time.Duration, err error) {
			t.Helper()
			if got := <-answers; got.after != after || !errors.Is(got.err, err) {
				t.Errorf("got %v after %v, want %v after %v", got.err, got.after, err, after)
			}
		}
		want(0, engine.ErrShareUsed)
		want(time.Second, engine.ErrOverloaded)
		want(time.Second, engine.ErrOverloaded)
		r.stall.Store(0)
		begin() // there is room again
		want(2*time.Second, engine.ErrOverloaded)
	}, func(r *rig) {
		if n := r.stored(); n != 1 {
			r.t.Errorf("%d executions are stored, want the one whose commit had begun", n)
		}
	})
}

// TestSlowFunctionsHoldNobodyUp has one function hang: others are called, up to
// the limits of functions, projects and all.
func TestSlowFunctionsHoldNobodyUp(t *testing.T) {
	t.Parallel()
	const graph = `{"states":{"s":{"type":"OPERATION","start":true,"action-mode":"PARALLEL","actions":[{"action-name":"a","function":%q}],"next-state":"end"},"end":{"type":"END"}}}`
	const slow, quick = "urn:fss:local:p1:function:default:slow", "urn:fss:local:p1:function:default:quick"
	limit := func(cfg *engine.Config) { cfg.Calls = admission.Limits{All: 10, Project: 8, Lane: 3} }
	inBubbleWith(t, limit, func(r *rig) {
		r.calls.answer = func(ctx context.Context, c engine.Call) engine.Result {
			if c.Function == quick {
				return engine.Result{Output: "1"}
			}
			return hang(ctx, c)
		}
		r.create("g", fmt.Sprintf(graph, slow))
		r.create("same", fmt.Sprintf(graph, "urn:cff:local:p1:function:default:slow:latest"))
		r.create("quick", fmt.Sprintf(graph, quick))
		for range 5 {
			r.start("1")
		}
		if _, err := r.Start(context.Background(), engine.StartRequest{Project: project, Graph: "same", Name: "x", Input: "1"}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := len(r.calls.ids()); got != 3 {
			t.Errorf("%d calls are in flight, want 3", got)
		}
		started, err := r.Start(context.Background(), engine.StartRequest{Project: project, Graph: "quick", Name: "x", Input: "1"})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		r.end(r.key(started))
	})
}

// TestStoppedCallsWaitNoMore stops an execution whose call waits for its turn.
func TestStoppedCallsWaitNoMore(t *testing.T) {
	t.Parallel()
	limit := func(cfg *engine.Config) { cfg.Calls = admission.Limits{All: 1, Project: 1, Lane: 1} }
	inBubbleWith(t, limit, func(r *rig) {
		r.calls.answer = hang
		r.create("g", one)
		first, second := r.start("1"), r.start("2")
		for _, key := range []store.Key{second, first} {
			if _, err := r.Stop(context.Background(), key); err != nil {
				t.Error(err)
			}
		}
		synctest.Wait()
		if got := len(r.calls.ids()); got != 1 {
			t.Errorf("%d calls were made, want the first one only", got)
		}
	})
}

// TestAFloodWaitsForItself has one project start many executions at once, and then
// another one: it is through long before the many are.
func TestAFloodWaitsForItself(t *testing.T) {
	t.Parallel()
	const quiet, many = "quiet", 320
	const waits = `{"states":{"d":{"type":"DELAY","start":true,"time-delay":86400,"next-state":"end"},"end":{"type":"END"}}}`
	inBubbleWith(t, func(cfg *engine.Config) { cfg.StartWait = time.Hour }, func(r *rig) {
		r.create("g", waits)
		if _, err := r.CreateGraph(context.Background(), quiet, "g", "", parsed(t, waits)); err != nil {
			t.Fatal(err)
		}
		r.stall.Store(int64(time.Second))
		var through atomic.Int32 // of the many
		start := func(project string) {
			if err := r.startOf(project); err != nil {
				t.Errorf("start: %v", err)
			}
		}
		var all sync.WaitGroup
		for range many {
			all.Go(func() {
				start(project)
				through.Add(1)
			})
		}
		synctest.Wait()
		start(quiet)
		if n := through.Load(); n > many*2/3 {
			t.Errorf("%d of %d others were through before it", n, many)
		}
		r.stall.Store(0)
		all.Wait()
	})
}
