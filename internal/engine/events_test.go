package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/store"
)

const (
	told  = "urn:fgs:local:p1:trigger:SMN_topic_told_1"
	asked = "urn:fgs:local:p1:trigger:Worker_WorkRequest_asked_1"
	beat  = "urn:fgs:local:p1:trigger:Worker_HeartBeat_beat_1"
	done  = "urn:fgs:local:p1:trigger:Worker_WorkSuccess_done_1"

	listening = `{"event-defs":{"told":{"source":"` + told + `"}},"states":{
		"sleep":{"type":"DELAY","start":true,"time-delay":10,"next-state":"wait"},
		"wait":{"type":"EVENT","event-timeout":60,"events":[{"event-expression":"told","next-state":"end",
			"actions":[{"action-name":"f","function":"` + fn + `"}]}]},"end":{"type":"END"}}}`

	offering = `{"event-defs":{"asked":{"source":"` + asked + `"},"beat":{"source":"` + beat + `"},"done":{"source":"` + done + `"}},"states":{
		"offer":{"type":"EVENT","start":true,"events":[{"event-expression":"asked","next-state":"working",
			"actions":[{"action-name":"prepare","function":"` + fn + `"}]}]},
		"working":{"type":"EVENT","event-timeout":60,"events":[
			{"event-expression":"beat","next-state":"working"},{"event-expression":"done","next-state":"end"}]},
		"end":{"type":"END"}}}`
)

// trigger stores a trigger.
func (r *rig) trigger(urn string) store.Trigger {
	r.t.Helper()
	t := store.Trigger{Project: project, URN: urn, UUID: urn}
	id, err := r.store.CreateTrigger(context.Background(), t)
	if err != nil {
		r.t.Fatal(err)
	}
	t.ID = id
	return t
}

// waiters returns how many executions wait for a trigger.
func (r *rig) waiters(t store.Trigger) int {
	r.t.Helper()
	all, err := r.store.Waiters(context.Background(), t.ID, nil, 1000)
	if err != nil {
		r.t.Fatal(err)
	}
	return len(all)
}

func (r *rig) deliver(key store.Key, numbers ...store.EventNumber) {
	r.t.Helper()
	var events []store.Event
	for _, n := range numbers {
		events = append(events, store.Event{Number: n, Payload: fmt.Sprint(n)})
	}
	if err := r.Deliver(context.Background(), key, told, events); err != nil {
		r.t.Fatal(err)
	}
}

func TestAnEventIsKeptUntilAStateTakesItAcrossARestart(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		trigger := r.trigger(told)
		r.create("g", listening)
		key := r.start("{}")
		r.deliver(key, 5, 6)
		if err := r.halt(); err != nil {
			t.Fatal(err)
		}
		r.run()
		if n := r.waiters(trigger); n != 1 {
			t.Errorf("%d executions wait for the event, want 1", n)
		}
		r.deliver(key, 5, 6) // nobody knows whether it has been delivered
		time.Sleep(11 * time.Second)
		synctest.Wait()
		if end := r.end(key); end.Status != journal.Success || end.Output != "5" {
			t.Errorf("got %+v, want the first event", end)
		}
		received := 0
		for _, record := range r.records(key) {
			if _, ok := record.(journal.EventReceived); ok {
				received++
			}
		}
		if received != 2 || r.waiters(trigger) != 0 {
			t.Errorf("%d events were received, and %d executions wait at the end", received, r.waiters(trigger))
		}
		r.deliver(key, 7)
	})
}

func TestAnEventStateTimesOut(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		trigger := r.trigger(told)
		r.create("g", listening)
		key := r.start("{}")
		time.Sleep(11 * time.Second)
		if err := r.halt(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		r.run()
		synctest.Wait()
		if end := r.end(key); end.Status != journal.Timeout || r.waiters(trigger) != 0 {
			t.Errorf("got %+v, want TIMEOUT", end)
		}
		if err := r.Send(context.Background(), key, engine.Event{Trigger: told}); !errors.Is(err, engine.ErrTimedOut) {
			t.Errorf("a late event: got %v, want ErrTimedOut", err)
		}
	})
}

func TestWorkersTakeTheOldestOfferEachItsOwn(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		trigger := r.trigger(asked)
		r.trigger(beat)
		r.trigger(done)
		r.create("g", offering)
		r.calls.answer = slow(time.Second)
		var keys []store.Key
		for i := range 3 {
			keys = append(keys, r.start(fmt.Sprint(i)))
			time.Sleep(time.Millisecond)
		}
		got := make(chan engine.Task, 5)
		for range 5 {
			go func() {
				task, err := r.RequestWork(context.Background(), trigger, 20*time.Second)
				if err != nil && !errors.Is(err, engine.ErrNoWork) {
					t.Errorf("request work: %v", err)
				}
				got <- task
			}()
			time.Sleep(time.Millisecond)
		}
		time.Sleep(2 * time.Second)
		items := map[string]int{}
		for range 3 {
			task := <-got
			items[task.Item]++
			if want := keys[task.Item[0]-'0']; r.key(engine.Started{URN: task.Execution}) != want {
				t.Errorf("task %s is of %s", task.Item, task.Execution)
			}
		}
		if len(items) != 3 {
			t.Errorf("the workers got %v, want three different tasks", items)
		}
		// Two more wait; what is offered meanwhile goes to one of them at once.
		r.start("3")
		time.Sleep(1500 * time.Millisecond)
		if task := <-got; task.Item != "3" {
			t.Errorf("who has waited got %+v", task)
		}
		time.Sleep(20 * time.Second)
		if task := <-got; task != (engine.Task{}) {
			t.Errorf("got %+v, want no work", task)
		}
		if r.waiters(trigger) != 0 {
			t.Errorf("%d offers are left", r.waiters(trigger))
		}
	})
}

func TestATokenIsGoodForTheStateThatWaits(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		trigger := r.trigger(asked)
		r.trigger(beat)
		r.trigger(done)
		r.create("g", offering)
		key := r.start(`{"k":1}`)
		send := func(what, urn string, want error) {
			t.Helper()
			if err := r.Send(context.Background(), key, engine.Event{Trigger: urn, Payload: `"p"`}); !errors.Is(err, want) {
				t.Errorf("%s: got %v, want %v", what, err, want)
			}
		}
		send("before the work is taken", done, engine.ErrNotWaiting)
		send("of a trigger that is not named", told, engine.ErrEventUnknown)
		r.calls.answer = slow(time.Second)
		go r.RequestWork(context.Background(), trigger, 0)
		time.Sleep(500 * time.Millisecond)
		send("a second request", asked, engine.ErrEventTaken)
		time.Sleep(time.Second)
		send("after the work is taken", asked, engine.ErrStateEnded)
		for range 3 {
			time.Sleep(50 * time.Second)
			send("a heartbeat", beat, nil)
		}
		send("success", done, nil)
		send("success again", done, engine.ErrEnded)
		if end := r.end(key); end.Status != journal.Success || end.Output != `"p"` {
			t.Errorf("got %+v", end)
		}
	})
}

func TestAnAnswerIsGivenToWhoeverAsks(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.trigger(told)
		r.create("g", listening)
		ask := func(key store.Key) (string, error) {
			return r.Ask(context.Background(), key, engine.Event{Trigger: told, Payload: `{"n":1}`})
		}
		key := r.start("{}")
		if _, err := ask(key); !errors.Is(err, engine.ErrNotWaiting) {
			t.Errorf("early: got %v, want ErrNotWaiting", err)
		}
		time.Sleep(11 * time.Second)
		r.calls.answer = slow(time.Second)
		if response, err := ask(key); err != nil || response != `{"n":1}` {
			t.Errorf("got %q and %v", response, err)
		}

		key = r.start("{}")
		time.Sleep(11 * time.Second)
		r.calls.answer = func(context.Context, engine.Call) engine.Result {
			return engine.Result{Failure: &engine.Failure{Name: "States.ActionFailed", Message: "no"}}
		}
		_, err := ask(key)
		var failed *engine.EventError
		if !errors.As(err, &failed) || failed.Code != "FGS.2011" {
			t.Errorf("a state that fails: got %v, want FGS.2011", err)
		}

		// Who asks may go before there is an answer: it leaves nothing in memory.
		key = r.start("{}")
		time.Sleep(11 * time.Second)
		r.calls.answer = slow(time.Minute)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := r.Ask(ctx, key, engine.Event{Trigger: told}); !errors.Is(err, store.ErrOutcomeUnknown) {
			t.Errorf("an asker who goes: got %v, want ErrOutcomeUnknown", err)
		}
	})
}

// The turn that holds the answer is in doubt. If it is there, the answer is
// found in the journal; if it is not, the call's answer is decided anew.
func TestAnAnswerInDoubtReachesWhoeverAsks(t *testing.T) {
	t.Parallel()
	inDoubt(t, func(r *rig, doubt commitFault, stored bool) {
		r.trigger(told)
		r.create("g", listening)
		key := r.start("{}")
		time.Sleep(11 * time.Second)
		r.calls.answer = slow(time.Second)
		go func() {
			time.Sleep(999 * time.Millisecond)
			r.fault.Store(&doubt)
			time.Sleep(10 * time.Millisecond)
			r.fault.Store(nil)
		}()
		if response, err := r.Ask(context.Background(), key, engine.Event{Trigger: told, Payload: "7"}); err != nil || response != "7" {
			t.Errorf("stored %v: got %q and %v", stored, response, err)
		}
	})
}

func TestAnEventStartsOneExecution(t *testing.T) {
	t.Parallel()
	for _, text := range []string{pass, one, delay} {
		inBubble(t, func(r *rig) {
			r.create("g", text)
			r.calls.answer = slow(time.Second)
			event := &store.Event{Number: 7, AcceptedAt: journal.Millis(time.Now().UnixMilli()), Payload: `{"n":1}`}
			req := engine.StartRequest{Project: project, Graph: "g", Input: event.Payload, Event: event}
			first, err := r.Start(context.Background(), req)
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				time.Sleep(500 * time.Millisecond)
				again, err := r.Start(context.Background(), req)
				if err != nil || again.URN != first.URN {
					t.Errorf("got %v and %v, want %v", again, err, first)
				}
			}
			other := *event
			other.Number = 8
			req.Event = &other
			if second, err := r.Start(context.Background(), req); err != nil || second.URN == first.URN {
				t.Errorf("another event: got %v and %v", second, err)
			}
			if n := len(r.all()); n != 2 {
				t.Errorf("there are %d executions, want 2", n)
			}
			time.Sleep(time.Hour)
		})
	}
}
