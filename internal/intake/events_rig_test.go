package intake_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/admission"
	"heddle/internal/definition"
	"heddle/internal/engine"
	"heddle/internal/intake"
	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/store"
	"heddle/internal/store/memory"
)

// listening waits for an event of a trigger, then for one of another.
func listening(first, second string) string {
	return `{"event-defs":{"a":{"source":"` + first + `"},"b":{"source":"` + second + `"}},"states":{
		"one":{"type":"EVENT","start":true,"events":[{"event-expression":"a","next-state":"two"}]},
		"two":{"type":"EVENT","events":[{"event-expression":"b","next-state":"end"}]},"end":{"type":"END"}}}`
}

// eventRig is an intake of events and an engine on a memory store, in a synctest bubble.
type eventRig struct {
	t     *testing.T
	store *memory.Store
	fault atomic.Pointer[func(method string) error] // is asked before and after each call of the store; nil for nothing
	cfg   intake.EventsConfig

	engine *engine.Engine
	intake *intake.Events
	stop   func()
}

func inEventBubble(t *testing.T, test func(r *eventRig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &eventRig{t: t, store: memory.New(1), cfg: intake.EventsConfig{EventsMax: 1000, BytesMax: 1 << 20}}
		fail := func(method string) error {
			if fault := r.fault.Load(); fault != nil {
				return (*fault)(method)
			}
			return nil
		}
		r.store.Faults = memory.Faults{Before: fail, After: fail}
		r.run()
		defer func() { r.stop() }()
		test(r)
	})
}

// run starts an engine and an intake on the store, as after a crash.
func (r *eventRig) run() {
	room := admission.Room{Max: 10_000, Share: 10_000}
	r.engine = engine.New(engine.Config{
		Region: "local", Node: "n1", LeaseDuration: 30 * time.Second, DrainDuration: time.Second,
		Machine: machine.Limits{Visits: 1000, Elements: 10, ElementsAtOnce: 10, ResultBytes: 1 << 18},
		Open:    room, Starts: room, StartWait: time.Second,
		Calls: admission.Limits{All: 10, Project: 10, Lane: 10},
	}, r.store, nobody{}, quiet)
	r.intake = intake.NewEvents(r.cfg, r.store, r.engine, quiet)
	ctx, cancel := context.WithCancel(background)
	taking, stopTaking := context.WithCancel(background)
	ended, taken := make(chan error, 1), make(chan error, 1)
	go func() { ended <- r.engine.Run(ctx) }()
	go func() { taken <- r.intake.Run(taking) }()
	r.stop = func() {
		stopTaking()
		if err := <-taken; err != nil {
			r.t.Errorf("the intake ended with %v", err)
		}
		cancel()
		<-ended
	}
	r.settle()
}

// failing has the store ask for the error with which a call shall fail.
func (r *eventRig) failing(fault func(method string) error) {
	if fault == nil {
		r.fault.Store(nil)
		return
	}
	r.fault.Store(&fault)
}

// settle lets pass what needs time.
func (r *eventRig) settle() {
	time.Sleep(10 * time.Second)
	synctest.Wait()
}

func (r *eventRig) no(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *eventRig) trigger(name string) store.Trigger {
	r.t.Helper()
	t := store.Trigger{Project: project, URN: "urn:fgs:local:p1:trigger:SMN_topic_" + name, UUID: name, Source: "SMN", Resource: name}
	id, err := r.store.CreateTrigger(background, t)
	r.no(err)
	t.ID = id
	return t
}

func (r *eventRig) graph(name, text string) store.GraphID {
	r.t.Helper()
	d, problems := definition.Parse(text)
	if len(problems) > 0 {
		r.t.Fatal(problems)
	}
	g, err := r.engine.CreateGraph(background, project, name, "", d)
	r.no(err)
	return g.ID
}

// mapped makes a graph that a trigger is mapped to.
func (r *eventRig) mapped(name string, t store.Trigger, enabled bool) store.GraphID {
	r.t.Helper()
	id := r.graph(name, pass)
	r.no(r.store.CreateMapping(background, store.Mapping{Graph: id, Trigger: t.ID, Enabled: enabled}))
	return id
}

func (r *eventRig) started(graph string) {
	r.t.Helper()
	_, err := r.engine.Start(background, engine.StartRequest{Project: project, Graph: graph, Name: "x", Input: "{}"})
	r.no(err)
}

// arrival makes what fires triggers.
func arrival(id string, triggers ...store.Trigger) intake.Arrival {
	a := intake.Arrival{Project: project, ID: id}
	for _, t := range triggers {
		a.Events = append(a.Events, intake.Event{Trigger: t, Payload: fmt.Sprintf(`{"id":%q}`, id)})
	}
	return a
}

func (r *eventRig) accept(a intake.Arrival, want bool) {
	r.t.Helper()
	fresh, err := r.intake.Accept(background, a)
	r.no(err)
	if fresh != want {
		r.t.Errorf("arrival %s: fresh is %v, want %v", a.ID, fresh, want)
	}
}

// heads returns the executions of a graph, the oldest first.
func (r *eventRig) heads(graph store.GraphID) []store.Head {
	r.t.Helper()
	heads, _, err := r.store.ListExecutions(background, store.ExecutionFilter{Graph: graph}, store.Page{Limit: 100_000, Ascending: true})
	r.no(err)
	return heads
}

// received returns the ids of the events that an execution received.
func (r *eventRig) received(key store.Key) (ids []string) {
	r.t.Helper()
	_, rows, err := r.store.Load(background, key)
	r.no(err)
	var codec journal.Codec
	for _, row := range rows {
		records, err := codec.Decode(row)
		r.no(err)
		for _, record := range records {
			if e, ok := record.(journal.EventReceived); ok {
				ids = append(ids, e.ID)
			}
		}
	}
	return ids
}

// ended returns how many executions of a graph have succeeded.
func (r *eventRig) ended(graph store.GraphID) (n int) {
	r.t.Helper()
	for _, head := range r.heads(graph) {
		if head.Status == journal.Success {
			n++
		}
	}
	return n
}

// pending returns how many events are in the inbox.
func (r *eventRig) pending() (n int) {
	r.t.Helper()
	backlogs, err := r.store.Backlogs(background)
	r.no(err)
	for _, b := range backlogs {
		n += b.Events
	}
	return n
}
