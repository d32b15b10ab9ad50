package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/definition"
	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/store"
)

const (
	pass  = `{"states":{"a":{"type":"NOOP","start":true,"next-state":"b"},"b":{"type":"NOOP","next-state":"end"},"end":{"type":"END"}}}`
	delay = `{"states":{"a":{"type":"DELAY","start":true,"time-delay":60,"next-state":"end"},"end":{"type":"END"}}}`
	fn    = `urn:fss:local:p1:function:default:f`
	one   = `{"states":{"a":{"type":"OPERATION","start":true,"actions":[{"action-name":"f","function":"` + fn + `"}],"next-state":"end"},"end":{"type":"END"}}}`
	five  = `{"states":{"a":{"type":"OPERATION","start":true,"actions":[{"action-name":"f1","function":"` + fn + `"},{"action-name":"f2","function":"` + fn + `"},{"action-name":"f3","function":"` + fn + `"},{"action-name":"f4","function":"` + fn + `"},{"action-name":"f5","function":"` + fn + `"}],"next-state":"end"},"end":{"type":"END"}}}`
)

func TestAnExecutionThatNeverWaitsTakesOneCommit(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", pass)
		key := r.start(`{"k":1}`)
		if end := r.end(key); end.Status != journal.Success || end.Output != `{"k":1}` {
			t.Errorf("got %+v", end)
		}
		_, rows, _ := r.store.Load(context.Background(), key)
		if len(rows) != 1 {
			t.Errorf("the journal has %d rows, want 1", len(rows))
		}
	})
}

func TestALoopThatNeverWaitsTakesManyCommits(t *testing.T) {
	t.Parallel()
	const loop = `{"states":{"a":{"type":"NOOP","start":true,"next-state":"b"},"b":{"type":"SWITCH","choices":[{"path":"$.stop","value":true,"next-state":"end"}],"default":"a"},"end":{"type":"END"}}}`
	inBubble(t, func(r *rig) {
		r.create("g", loop)
		key := r.start(`{}`)
		synctest.Wait()
		if end := r.end(key); end.Status != journal.Failed || !strings.Contains(end.Output, "FGS.9001") {
			t.Errorf("got %+v", end)
		}
		if _, rows, _ := r.store.Load(context.Background(), key); len(rows) < 10 {
			t.Errorf("the journal has %d rows for 1000 states", len(rows))
		}
	})
}

func TestStartOfAnUnknownGraph(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		_, err := r.Start(context.Background(), engine.StartRequest{Project: project, Graph: "g", Name: "x", Input: "1"})
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
	})
}

func TestADelayKeepsItsDueTimeOverARestart(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", delay)
		begin := time.Now()
		key := r.start("1")
		time.Sleep(20 * time.Second)
		if err := r.halt(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		r.run()
		time.Sleep(30*time.Second + 100*time.Millisecond)
		synctest.Wait()
		if at := time.UnixMilli(int64(r.end(key).At)); at.Sub(begin) < time.Minute || at.Sub(begin) > time.Minute+time.Second {
			t.Errorf("it ended after %v, want a minute", at.Sub(begin))
		}
	})
}

func TestADelayThatCameDueWhileNothingRanEndsAtTheNextStart(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", delay)
		key := r.start("1")
		if err := r.halt(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		r.run()
		synctest.Wait()
		r.end(key)
	})
}

func TestManyDelaysAtOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", delay)
		var keys []store.Key
		for range 2000 {
			keys = append(keys, r.start("1"))
		}
		time.Sleep(61 * time.Second)
		synctest.Wait()
		for _, key := range keys {
			r.end(key)
		}
	})
}

func TestActionsRunInOrderAndOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", five)
		r.calls.answer = func(_ context.Context, c engine.Call) engine.Result {
			return engine.Result{Output: strings.TrimSuffix(c.Input, "]") + `,"` + c.Action + `"]`}
		}
		key := r.start(`[0]`)
		synctest.Wait()
		if got, want := r.end(key).Output, `[0,"f1","f2","f3","f4","f5"]`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if ids := r.calls.ids(); len(ids) != 5 || !unique(ids) {
			t.Errorf("the calls were %v, want five different ones", ids)
		}
	})
}

func TestACallIsMadeAgainAfterACrashUnderItsInvocationID(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", five)
		r.calls.answer = func(ctx context.Context, c engine.Call) engine.Result {
			if c.Action == "f3" {
				return hang(ctx, c)
			}
			return engine.Result{Output: c.Input}
		}
		key := r.start("1")
		synctest.Wait()
		if err := r.halt(); err != nil { // the call does not end by itself: it is cut off
			t.Fatal(err)
		}
		r.calls.answer = nil
		r.run()
		synctest.Wait()
		r.end(key)
		ids := r.calls.ids()
		if len(ids) != 6 || ids[2] != ids[3] {
			t.Errorf("the calls were %v, want the third twice and the others once", ids)
		}
	})
}

func TestRetriesWaitTheirInterval(t *testing.T) {
	t.Parallel()
	const graph = `{"states":{"a":{"type":"OPERATION","start":true,"action-mode":"PARALLEL","actions":[
		{"action-name":"f","function":"` + fn + `","results":[{"match":"MatchAny","max-retry":2,"retry-interval":10}]},
		{"action-name":"slow","function":"` + fn + `"}],"next-state":"end"},"end":{"type":"END"}}}`
	inBubble(t, func(r *rig) {
		r.create("g", graph)
		r.calls.answer = func(ctx context.Context, c engine.Call) engine.Result {
			if c.Action == "slow" { // keeps the execution in memory meanwhile
				return slow(15*time.Second)(ctx, c)
			}
			if c.Attempt < 3 {
				return engine.Result{Failure: &engine.Failure{Name: definition.FailureTooManyRequests, Message: "status 429"}}
			}
			return engine.Result{Output: `"at last"`}
		}
		begin := time.Now()
		key := r.start("1")
		time.Sleep(25 * time.Second)
		synctest.Wait()
		end := r.end(key)
		if want := `{"f":"at last","slow":1}`; end.Output != want {
			t.Errorf("got %s, want %s", end.Output, want)
		}
		if took := time.UnixMilli(int64(end.At)).Sub(begin); took < 20*time.Second {
			t.Errorf("three attempts took %v, want at least two intervals", took)
		}
	})
}

func TestStop(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	inBubble(t, func(r *rig) {
		r.create("g", one)
		r.calls.answer = hang
		key := r.start("1")
		synctest.Wait()
		if _, err := r.Stop(ctx, key); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if end := r.end(key); end.Status != journal.Aborted {
			t.Errorf("got %+v, want ABORTED", end)
		}
		if r.calls.cutOff != 1 {
			t.Errorf("%d calls were cut off, want 1", r.calls.cutOff)
		}
		if _, err := r.Stop(ctx, key); !errors.Is(err, engine.ErrEnded) {
			t.Errorf("a second stop: got %v, want ErrEnded", err)
		}
		key.ID[15]++
		if _, err := r.Stop(ctx, key); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("stop of an unknown execution: got %v, want ErrNotFound", err)
		}
	})
}

func TestStopOfAnExecutionThatWaits(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", delay)
		key := r.start("1")
		at, err := r.Stop(context.Background(), key)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if end := r.end(key); end.Status != journal.Aborted || end.At != at {
			t.Errorf("got %+v, want ABORTED at %d", end, at)
		}
	})
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	inBubble(t, func(r *rig) {
		r.create("g", one)
		req := engine.StartRequest{Project: project, Graph: "g", Name: "x", Input: "1", IdempotencyKey: "k"}
		first, err := r.Start(ctx, req)
		if err != nil {
			t.Fatal(err)
		}
		again, err := r.Start(ctx, req)
		if err != nil || again != first {
			t.Errorf("the same request: got %v, %v, want %v", again, err, first)
		}
		other := req
		other.Input = "2"
		if _, err := r.Start(ctx, other); !errors.Is(err, engine.ErrKeyReused) {
			t.Errorf("another request: got %v, want ErrKeyReused", err)
		}
		synctest.Wait()
		if n := len(r.calls.ids()); n != 1 {
			t.Errorf("the function was called %d times, want once", n)
		}
		time.Sleep(25 * time.Hour)
		if later, err := r.Start(ctx, req); err != nil || later == first {
			t.Errorf("after a day: got %v, %v, want another execution", later, err)
		}
	})
}

func TestAnUnavailableStoreRefusesStartsAndLosesNoAnswer(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", one)
		r.calls.answer = slow(time.Second)
		key := r.start("1")
		r.fault.Store(&commitFault{before: store.ErrUnavailable})
		if _, err := r.Start(context.Background(), engine.StartRequest{Project: project, Graph: "g", Name: "x", Input: "1"}); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("start: got %v, want ErrUnavailable", err)
		}
		time.Sleep(10 * time.Second)
		r.fault.Store(nil)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		r.end(key)
		if ids := r.calls.ids(); len(ids) != 1 {
			t.Errorf("the calls were %v, want one: its answer was at hand", ids)
		}
	})
}

func TestAnEngineWhoseLeaseWasTakenStops(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", pass)
		if _, err := r.store.Acquire(context.Background(), 0, r.cfg.Node, time.Minute); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Start(context.Background(), engine.StartRequest{Project: project, Graph: "g", Name: "x", Input: "1"}); !errors.Is(err, store.ErrFenced) {
			t.Errorf("start: got %v, want ErrFenced", err)
		}
		if err := <-r.done; !errors.Is(err, store.ErrFenced) {
			t.Errorf("Run: got %v, want ErrFenced", err)
		}
		r.stop()
		r.stop = nil
	})
}

func TestDrainLetsCallsFinish(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", five)
		r.calls.answer = slow(2 * time.Second)
		key := r.start("1")
		synctest.Wait()
		if err := r.halt(); err != nil {
			t.Fatal(err)
		}
		if ids := r.calls.ids(); len(ids) != 1 || r.calls.cutOff != 0 {
			t.Errorf("%d calls, %d cut off; want the one in flight to end, and no other to begin", len(ids), r.calls.cutOff)
		}
		if _, err := r.Start(context.Background(), engine.StartRequest{Project: project, Graph: "g", Name: "x", Input: "1"}); !errors.Is(err, engine.ErrDraining) {
			t.Errorf("start: got %v, want ErrDraining", err)
		}
		r.run()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		r.end(key)
		if ids := r.calls.ids(); len(ids) != 5 || !unique(ids) {
			t.Errorf("the calls were %v, want five different ones", ids)
		}
	})
}

func TestUpdateConcernsLaterStartsOnly(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	inBubble(t, func(r *rig) {
		r.create("g", delay)
		before := r.start("1")
		d, _ := definition.Parse(pass)
		if _, err := r.UpdateGraph(ctx, project, "g", d); err != nil {
			t.Fatal(err)
		}
		r.end(r.start("2"))
		if n := len(r.records(before)); n != 2 {
			t.Errorf("the execution that waits has %d records, want 2", n)
		}
		if err := r.halt(); err != nil {
			t.Fatal(err)
		}
		r.run()
		time.Sleep(61 * time.Second)
		synctest.Wait()
		r.end(before)
	})
}

func TestDeleteEndsWhatRuns(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	inBubble(t, func(r *rig) {
		r.create("g", one)
		r.calls.answer = hang
		key := r.start("1")
		synctest.Wait()
		if err := r.DeleteGraph(ctx, project, "g"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if r.calls.cutOff != 1 {
			t.Errorf("%d calls were cut off, want 1", r.calls.cutOff)
		}
		if _, _, err := r.store.Load(ctx, key); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("load: got %v, want ErrNotFound", err)
		}
		if _, err := r.Start(ctx, engine.StartRequest{Project: project, Graph: "g", Name: "x", Input: "1"}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("start: got %v, want ErrNotFound", err)
		}
		r.create("g", pass)
		r.end(r.start("1"))
	})
}

func TestAwaitReturnsWhenTheJournalGrows(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", delay)
		begin := time.Now()
		key := r.start("1")
		r.Await(context.Background(), key, 1) // there are two records
		if waited := time.Since(begin); waited != 0 {
			t.Errorf("it waited %v for a record that was there", waited)
		}
		r.Await(context.Background(), key, 2)
		if waited := time.Since(begin); waited < time.Minute {
			t.Errorf("it returned after %v, before there was a record", waited)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		r.Await(ctx, key, 1000) // the execution has ended
		if ctx.Err() != nil {
			t.Error("it waited for records of an execution that has ended")
		}
	})
}

func TestInvocationIDsTellAttemptsApart(t *testing.T) {
	t.Parallel()
	const graph = `{"states":{"a":{"type":"OPERATION","start":true,"action-mode":"PARALLEL","dynamic-extend":"$","actions":[{"action-name":"f","function":"` + fn + `","results":[{"match":"MatchAny","max-retry":1,"retry-interval":0}]}],"next-state":"b"},
		"b":{"type":"OPERATION","actions":[{"action-name":"f","function":"` + fn + `"}],"next-state":"end"},"end":{"type":"END"}}}`
	inBubble(t, func(r *rig) {
		r.create("g", graph)
		r.calls.answer = func(_ context.Context, c engine.Call) engine.Result {
			if c.State == "a" && c.Attempt == 1 {
				return engine.Result{Failure: &engine.Failure{Name: definition.FailureAction}}
			}
			return engine.Result{Output: c.Input}
		}
		key := r.start(`[1,2,3]`)
		synctest.Wait()
		if end := r.end(key); end.Output != `[1,2,3]` {
			t.Errorf("got %+v", end)
		}
		ids := r.calls.ids()
		if len(ids) != 7 || !unique(ids) {
			t.Errorf("the calls were %v, want seven different ones", ids)
		}
		i := slices.IndexFunc(r.calls.made, func(c engine.Call) bool { return c.State == "b" })
		c := r.calls.made[i]
		want := fmt.Sprintf("00-%s-", c.Execution.ID)
		if !strings.HasPrefix(c.Traceparent, want) || len(c.Traceparent) != 55 {
			t.Errorf("traceparent is %s, want %s and a span", c.Traceparent, want)
		}
	})
}
