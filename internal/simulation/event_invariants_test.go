package simulation_test

import (
	"slices"
	"strconv"

	"heddle/internal/definition"
	"heddle/internal/journal"
	"heddle/internal/store"
)

// waits reports whether the execution stands in an EVENT that has not taken
// what it waits for.
func (h *history) waits(d *definition.Definition) bool {
	state := d.State(h.state)
	if state == nil || h.taken == h.visit {
		return false
	}
	_, event := state.Body.(*definition.Event)
	return event
}

// followEvent checks the records of events.
func (h *history) followEvent(g *ghost, d *definition.Definition, head store.Head, r journal.Record) string {
	switch r := r.(type) {
	case journal.EventReceived:
		if h.received[r.ID] {
			return "an execution receives an event once"
		}
		h.received[r.ID] = true
		h.kept = append(h.kept, r)
		if broken := h.followNumber(g, d, head, r); broken != "" {
			return broken
		}
	case journal.EventDropped:
		if !h.remove(r.Event) {
			return "what is dropped was kept"
		}
	case journal.EventTaken:
		if !h.waits(d) {
			return "a visit of an EVENT takes its events once"
		}
		h.taken, h.due = h.visit, 0
		for _, name := range r.Events {
			if !h.remove(name) {
				return "what is taken was kept"
			}
		}
	case journal.EventAnswered:
		if _, again := h.answers[r.ID]; again || !h.received[r.ID] {
			return "an event is answered once, after it was received"
		}
		h.answers[r.ID] = r
	case journal.StateExited:
		h.kept = slices.DeleteFunc(h.kept, func(e journal.EventReceived) bool { return e.Direct })
	}
	return ""
}

// followNumber checks an event that came from the inbox.
func (h *history) followNumber(g *ghost, d *definition.Definition, head store.Head, r journal.EventReceived) string {
	if r.Direct {
		return ""
	}
	number, err := strconv.Atoi(r.ID)
	switch {
	case err != nil || number < 1 || number > len(g.events):
		return "an event that is received was accepted"
	case number <= h.born:
		return "an execution does not receive what came before it was started"
	case r.Number <= h.last[r.Event]:
		return "events of a trigger are received in their order"
	}
	h.last[r.Event] = r.Number
	e := g.events[number-1]
	if g.sim.graphs[head.Graph].Triggers[d.Event(r.Event).Source.String()] != e.trigger || r.Payload != e.payload {
		return "an event is received as it was accepted"
	}
	return ""
}

// remove takes the oldest event of a name away.
func (h *history) remove(name string) bool {
	i := slices.IndexFunc(h.kept, func(e journal.EventReceived) bool { return e.Event == name })
	if i < 0 {
		return false
	}
	h.kept = slices.Delete(h.kept, i, i+1)
	return true
}

// checkWaits compares what an execution waits for, by its journal, with what the
// store knows of it.
func (g *ghost) checkWaits(h *history, head store.Head) {
	graph := g.sim.graphs[head.Graph]
	o := graph.Machine.Outstanding(h.fold)
	for _, urn := range graph.Machine.Definition.Triggers() {
		trigger := graph.Triggers[urn]
		waiters, err := g.sim.store.Waiters(background, trigger, nil, 1_000)
		if err != nil {
			panic(err)
		}
		known := slices.ContainsFunc(waiters, func(w store.Waiter) bool { return w.Key == head.Key })
		if open := slices.Contains(o.Events, urn) || slices.Contains(o.Offers, urn); known != open {
			g.sim.broken("what an execution waits for is known to the store: %s of %s, %v", head.Name, urn, open)
		}
	}
}

// accepted notes an arrival that has come to the store.
func (g *ghost) accepted(a *arrival) {
	if a.numbers != nil {
		g.sim.broken("what is sent twice counts once: %s", a.ID)
	}
	for _, e := range a.Events {
		g.events = append(g.events, accepted{e.Trigger, e.Payload, g.sim.now})
		a.numbers = append(a.numbers, store.EventNumber(len(g.events)))
	}
	g.sim.record("%s is accepted: %v", a.ID, a.numbers)
}

// discarded checks that all who wait for some events have them before they are
// removed.
func (g *ghost) discarded(trigger store.TriggerID, upTo store.EventNumber) {
	for number := 1; number <= int(upTo); number++ {
		if g.events[number-1].trigger != trigger {
			continue
		}
		for _, key := range g.keys {
			h, graph := g.byKey[key], g.sim.graphs[key.Graph]
			for _, urn := range graph.Machine.Outstanding(h.fold).Events {
				name := graph.Machine.Definition.EventOf(urn).Name
				if graph.Triggers[urn] == trigger && number > h.born && h.last[name] < uint64(number) {
					g.sim.broken("all who wait for an event have it before it is removed: %s has not event %d", h.start.Name, number)
				}
			}
		}
	}
}

// eventsAtTheEnd checks what must have come of all events.
func (g *ghost) eventsAtTheEnd() {
	s := g.sim
	if s.world.open != 0 {
		s.broken("after healing every arrival is acknowledged: %d are not", s.world.open)
	}
	left, err := s.store.Backlogs(background)
	if err != nil || len(left) > 0 {
		s.broken("after healing every event is handed on: %v are not, %v", left, err)
	}
	var mapped store.GraphID
	for id, graph := range s.graphs {
		if graph.Name == "mapped" {
			mapped = id
		}
	}
	starts := 0
	for i, e := range g.events {
		if e.trigger != s.world.mapped.ID {
			continue
		}
		starts++
		found := 0
		for _, key := range g.keys {
			if key.Graph == mapped && g.byKey[key].start.Input == e.payload && g.byKey[key].born > i {
				found++
			}
		}
		if found == 0 {
			s.broken("an event starts an execution of each mapped graph: event %d has not", i+1)
		}
	}
	made := 0
	for _, key := range g.keys {
		if key.Graph == mapped {
			made++
		}
	}
	if made != starts {
		s.broken("an event starts one execution of each mapped graph: %d have started %d", starts, made)
	}
	for _, m := range s.world.messages {
		if m.answer == "refused" && g.byKey[m.key].received[m.id] {
			s.broken("a refusal is not contradicted: %s was received", m.id)
		}
	}
}
