package definition

import (
	"slices"

	"heddle/internal/payload"
	"heddle/internal/urn"
)

// EventDef is an entry of event-defs: a trigger, under the name by which the
// states of the graph wait for it.
type EventDef struct {
	Name           string
	Source         urn.Trigger
	FilterRequest  *payload.Path // selects from the event
	FilterResponse *payload.Path // selects from the result what the event's source gets back
}

// Worker reports whether the event comes from a worker and not from a cloud service.
func (e EventDef) Worker() bool { return e.Source.Source == urn.SourceWorker }

// knownEvent is an entry of event-defs as the checks need it.
type knownEvent struct {
	*node
	source urn.Trigger // zero if it could not be read
	used   bool        // by an EVENT state
}

func (e *knownEvent) worker() bool { return e.source.Source == urn.SourceWorker }
func (e *knownEvent) cloud() bool  { return e.source != urn.Trigger{} && !e.worker() }

// event returns the entry of event-defs of that name, or nil.
func (c *checker) event(name string) *knownEvent {
	for _, e := range c.events {
		if e.token == name {
			return e
		}
	}
	return nil
}

// readEventDefs reads event-defs, before the states that use them.
func (c *checker) readEventDefs(o *object) []EventDef {
	n := o.field("event-defs", payload.Object)
	c.eventless = !o.has("event-defs") || n != nil && len(n.value.Members()) == 0
	if n == nil {
		return nil
	}
	members := n.members()
	if len(members) > EventsMax {
		c.report(codeEventDefCount, n, "there are %d events; a definition has at most %d", len(members), EventsMax)
	}
	var defs []EventDef
	for _, m := range members {
		m.title = "event " + quoted(m.token)
		e := &knownEvent{node: m}
		c.events = append(c.events, e)
		def := c.readEventDef(m)
		e.source = def.Source
		defs = append(defs, def)
	}
	return defs
}

func (c *checker) readEventDef(n *node) EventDef {
	switch name := n.token; {
	case !wellFormed(name, EventNameLengthMax):
		c.reportName(codeEventDefName, n, "an event is named %s; a name has 1 to %d letters, digits, '-' and '_'", quoted(name), EventNameLengthMax)
		c.lost(n)
	case name == wordAnd || name == wordOr:
		c.reportName(codeEventDefName, n, "an event is named %s, which joins names in an event-expression; name it otherwise", quoted(name))
		c.lost(n)
	}
	if tooLong(n.token, EventNameLengthMax) {
		return EventDef{}
	}
	o := c.object(n, codeEventDefSource, []string{"source", "payload-filter-request", "payload-filter-response"})
	if o == nil {
		return EventDef{}
	}
	return EventDef{
		Name:           n.token,
		Source:         o.source(),
		FilterRequest:  o.path("payload-filter-request", codeEventDefRequest),
		FilterResponse: o.path("payload-filter-response", codeEventDefResponse),
	}
}

func (o *object) source() urn.Trigger {
	o.require("source", codeEventDefSource)
	n := o.field("source", payload.String)
	if n == nil {
		return urn.Trigger{}
	}
	source, err := urn.ParseTrigger(n.value.Str())
	if err != nil {
		o.c.report(codeEventDefSource, n, "source is not the URN of a trigger: %v", err)
		return urn.Trigger{}
	}
	same := func(e *knownEvent) bool { return e.source == source }
	if i := slices.IndexFunc(o.c.events, same); i >= 0 {
		o.c.report(codeEventDefSourceUsed, n, "source is that of %s too; a trigger stands in event-defs once", o.c.events[i].what())
	}
	return source
}
