package simulation_test

import (
	"errors"
	"fmt"
	"slices"

	"heddle/internal/definition"
	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/machine/graphtest"
	"heddle/internal/store"
)

// world is what sends events: sources of cloud services, which send again what
// was not acknowledged, and workers, which do not.
type world struct {
	sim       *simulation
	generator *graphtest.Generator
	triggers  []store.Trigger // in the order of their ids
	mapped    store.Trigger   // starts executions of the graph "mapped"
	arrivals  []*arrival
	messages  []*message
	open      int // arrivals and messages that are not answered yet
}

// arrival is what a source sends, until it is acknowledged.
type arrival struct {
	store.Arrival
	numbers []store.EventNumber // of its events, once it is in the store
}

// message is a worker's.
type message struct {
	id      string
	key     store.Key
	answer  string // "" until it is known: taken, refused, or unknown
	replies int
}

func newWorld(s *simulation) *world {
	return &world{sim: s, generator: graphtest.New(s.seed, 200)}
}

// trigger returns the trigger of a URN, and makes it if it is new.
func (w *world) trigger(urn string) store.Trigger {
	for _, t := range w.triggers {
		if t.URN == urn {
			return t
		}
	}
	t := store.Trigger{Project: "p1", URN: urn, UUID: urn}
	var err error
	if t.ID, err = w.sim.store.CreateTrigger(background, t); err != nil {
		panic(err)
	}
	w.triggers = append(w.triggers, t)
	return t
}

// turn sends something, and again after a while, as long as an execution runs.
func (w *world) turn() {
	s := w.sim
	if s.over() {
		return
	}
	calm := s.now >= beginning+healing
	if !calm && s.chance.IntN(4) == 0 {
		w.arrive(w.mapped)
	}
	if t, ok := w.awaited(); ok {
		w.arrive(t)
	}
	w.say()
	if calm {
		s.later(s.between(5_000, 60_000), w.turn)
	} else {
		s.later(s.between(500, 6_000), w.turn)
	}
}

// awaited draws a trigger for whose events an execution is open.
func (w *world) awaited() (store.Trigger, bool) {
	var all []string
	for _, key := range w.sim.ghost.keys {
		h := w.sim.ghost.byKey[key]
		all = append(all, w.sim.graphs[key.Graph].Machine.Outstanding(h.fold).Events...)
	}
	if len(all) == 0 {
		return store.Trigger{}, false
	}
	return w.trigger(all[w.sim.chance.IntN(len(all))]), true
}

// arrive sends an event of a trigger, and perhaps of another one with it.
func (w *world) arrive(t store.Trigger) {
	a := &arrival{Arrival: store.Arrival{Project: "p1", ID: fmt.Sprint("arrival ", len(w.arrivals))}}
	a.Events = append(a.Events, store.Event{Trigger: t.ID, Payload: w.generator.Payload()})
	if other := w.triggers[w.sim.chance.IntN(len(w.triggers))]; other.ID != t.ID && w.sim.chance.IntN(4) == 0 {
		a.Events = append(a.Events, store.Event{Trigger: other.ID, Payload: w.generator.Payload()})
	}
	w.arrivals = append(w.arrivals, a)
	w.open++
	w.send(a)
}

// send sends an arrival until it is acknowledged, and then, now and then, once more.
func (w *world) send(a *arrival) {
	s := w.sim
	if s.node == nil {
		s.later(500, func() { w.send(a) })
		return
	}
	waiting := true
	s.node.accept(a, func(err error) {
		s.record("%s is answered: %v", a.ID, err)
		if err == nil && a.numbers == nil {
			s.broken("an acknowledged event is in the inbox: %s is not", a.ID)
		}
		switch {
		case !waiting:
		case err != nil:
			waiting = false
			s.later(s.between(1, 3_000), func() { w.send(a) })
		default:
			waiting = false
			w.open--
			if s.fails(clientGivesUp) {
				w.open++
				s.later(s.between(0, healing), func() { w.send(a) })
			}
		}
	})
	s.later(10_000, func() {
		if waiting {
			waiting = false
			w.send(a)
		}
	})
}

// say lets a worker tell a running execution something.
func (w *world) say() {
	s := w.sim
	var running []store.Key
	for _, key := range s.ghost.keys {
		if s.ghost.byKey[key].status == journal.Running && workerTriggers(s.graphs[key.Graph].Machine.Definition) != nil {
			running = append(running, key)
		}
	}
	if s.node == nil || len(running) == 0 {
		return
	}
	key := running[s.chance.IntN(len(running))]
	h, m := s.ghost.byKey[key], s.graphs[key.Graph].Machine
	triggers := workerTriggers(m.Definition)
	if s.chance.IntN(8) > 0 { // mostly what the execution waits for
		triggers = slices.DeleteFunc(triggers, func(t string) bool { return m.Admit(h.fold, s.now, t) != nil })
	}
	if len(triggers) == 0 {
		return
	}
	in := machine.Arrival{
		Trigger: triggers[s.chance.IntN(len(triggers))], ID: fmt.Sprint("message ", len(w.messages)),
		Direct: true, Asks: s.chance.IntN(2) == 0,
	}
	if s.chance.IntN(2) == 0 {
		in.Payload = w.generator.Payload()
	}
	msg := &message{id: in.ID, key: key}
	w.messages = append(w.messages, msg)
	reply := func(r engine.Reply) { w.replied(msg, in, r) }
	if s.mutant == messageAcknowledgedTooEarly {
		reply(engine.Reply{})
		reply = func(engine.Reply) {}
	}
	s.node.post(key, engine.Message{Input: in, Reply: reply})
}

func workerTriggers(d *definition.Definition) (triggers []string) {
	for _, e := range d.Events {
		if e.Worker() {
			triggers = append(triggers, e.Source.String())
		}
	}
	return triggers
}

// replied checks the answer to a message at the moment at which its sender
// learns it.
func (w *world) replied(msg *message, in machine.Arrival, r engine.Reply) {
	s, h := w.sim, w.sim.ghost.byKey[msg.key]
	s.record("%s to %x is answered: %v", msg.id, msg.key.ID, r.Err)
	if msg.replies++; msg.replies > 1 {
		s.broken("a message is answered once: %s", msg.id)
	}
	var failed *engine.EventError
	switch {
	case r.Err == nil, errors.As(r.Err, &failed):
		msg.answer = "taken"
		if !h.received[msg.id] {
			s.broken("a message that is taken is recorded: %s", msg.id)
		}
		if answer, ok := h.answers[msg.id]; in.Asks && (!ok || (answer.Failure == nil) != (failed == nil) || answer.Response != r.Response) {
			s.broken("an answer is the one that is recorded: %s got %q", msg.id, r.Response)
		}
	case isRefusal(r.Err), notTaken(r.Err):
		msg.answer = "refused"
	default:
		msg.answer = "unknown"
	}
}

// notTaken reports whether an error says that an execution does not take a message.
func notTaken(err error) bool {
	for _, reason := range []error{
		engine.ErrEnded, engine.ErrEventUnknown, engine.ErrEventTaken, engine.ErrStateEnded, engine.ErrNotWaiting, engine.ErrTimedOut,
	} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}
