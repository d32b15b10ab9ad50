package graphtest

import "fmt"

// event writes an EVENT that waits for events of its own. One that waits for
// workers may lead to itself.
func (g *Generator) event(self, next string) object {
	members := []object{g.member(next)}
	if g.source == "Worker" {
		for g.Chance(0.5) && len(members) < 3 {
			members = append(members, g.member(pick(g, self, next, next)))
		}
	}
	e := object{"type": "EVENT", "events": members}
	if g.Chance(0.3) {
		e["event-timeout"] = 1 + g.IntN(1000)
	}
	return e
}

func (g *Generator) member(next string) object {
	m := object{"next-state": next}
	switch one := g.newEvent(); g.IntN(4) {
	case 0:
		m["event-expression"] = one + " and " + g.newEvent()
	case 1:
		m["event-expression"] = "(" + one + " or " + g.newEvent() + ") and " + g.newEvent()
	case 2:
		m["event-expression"] = one + " or " + g.newEvent() + " and " + g.newEvent()
	default:
		m["event-expression"] = one
	}
	if g.Chance(0.3) {
		m["input-mode"] = "BOTH"
	}
	list := make([]object, g.IntN(3))
	async := g.Chance(0.2)
	for i := range list {
		list[i] = g.action(i, async)
	}
	if async || g.Chance(0.5) {
		m["action-mode"] = "PARALLEL"
	}
	m["actions"] = list
	return m
}

const (
	eventsMax     = 20 // that a definition may have
	eventsInState = 9  // that an EVENT waits for, at most
)

// newEvent names an event for which no state waits so far.
func (g *Generator) newEvent() string {
	g.events = append(g.events, fmt.Sprintf("e%d", len(g.events)))
	return g.events[len(g.events)-1]
}

func (g *Generator) eventDefs() object {
	defs := object{}
	for i, name := range g.events {
		kind := "topic"
		if g.source == "Worker" {
			kind = pick(g, "WorkRequest", "HeartBeat", "WorkSuccess", "WorkFailure")
		}
		def := object{"source": fmt.Sprintf("urn:fgs:local:p1:trigger:%s_%s_%d_1", g.source, kind, i)}
		for _, filter := range []string{"payload-filter-request", "payload-filter-response"} {
			if g.Chance(0.1) {
				def[filter] = g.path()
			}
		}
		defs[name] = def
	}
	return defs
}
