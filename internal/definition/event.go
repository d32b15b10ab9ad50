package definition

import (
	"slices"

	"heddle/internal/payload"
)

// Event waits for events.
type Event struct {
	TimeoutSeconds int // 0 waits for ever
	Members        []EventMember
}

// EventMember is one of the things that an EVENT state waits for. What follows
// is as in an OPERATION, but that there may be no actions: then the event's
// payload is the result.
type EventMember struct {
	Expression EventExpression
	InputMode  InputMode
	Operation
}

// InputMode says what the actions of an EVENT member get.
type InputMode string

// The input modes.
const (
	InputEvent InputMode = "EVENT" // the event's payload
	InputBoth  InputMode = "BOTH"  // {"input": the state's input, "event": the event's payload}
)

// Type returns EVENT.
func (*Event) Type() Type { return TypeEvent }

// Names reports whether the state waits for an event of that name, alone or
// with others.
func (e *Event) Names(event string) bool { return slices.Contains(e.names(), event) }

// names returns the events that the state waits for, in the order of its members.
func (e *Event) names() []string {
	var names []string
	for _, m := range e.Members {
		names = append(names, m.Expression.Names()...)
	}
	return names
}

func (e *Event) calls() []Action {
	var actions []Action
	for _, m := range e.Members {
		actions = append(actions, m.Actions...)
	}
	return actions
}

var eventKind = kind{TypeEvent, passing("event-timeout", "events"), parseEvent}

// waiting is an EVENT state as the checks need it.
type waiting struct {
	*node
	cloud bool // it waits for a cloud service and not only for workers
}

func parseEvent(o *object) Body {
	e := &Event{TimeoutSeconds: o.integer("event-timeout", whole{0, EventTimeoutMax, codeEventTimeout}, 0)}
	o.requireSome("events", codeEvents)
	l := &eventList{checker: o.c, taken: map[*knownEvent]bool{}}
	for _, n := range o.list("events") {
		e.Members = append(e.Members, l.read(n))
	}
	o.c.waits = append(o.c.waits, waiting{o.node, l.clouds > 0})
	return e
}

// eventList is what is known of the members of an EVENT state while they are
// read.
type eventList struct {
	*checker
	taken  map[*knownEvent]bool
	clouds int // members that wait for a cloud service
}

func (l *eventList) read(n *node) EventMember {
	o := l.object(n, codeEventEmpty, []string{
		"event-expression", "action-mode", "actions", "next-state", "input-mode",
	})
	if o == nil {
		return EventMember{}
	}
	o.require("event-expression", codeEventExpression)
	o.require("next-state", codeEventNext)
	m := EventMember{
		Expression: l.expression(o),
		InputMode:  oneOf(o, "input-mode", codeField, InputEvent, InputBoth),
	}
	m.Next = o.link("next-state", codeEventNext)
	m.Mode, m.Actions = o.actions(eventCodes)
	return m
}

func (l *eventList) expression(o *object) EventExpression {
	n := o.field("event-expression", payload.String)
	if n == nil {
		return EventExpression{}
	}
	x, err := parseExpression(n.value.Str())
	if err != nil {
		l.report(codeEventExpression, n, "event-expression %s: %v", quoted(n.value.Str()), err)
		l.lost(n)
		return EventExpression{}
	}
	l.take(n, x.Names())
	return x
}

// take marks the events that a member waits for as used, and reports those
// that do not exist or that a member before has taken.
func (l *eventList) take(n *node, names []string) {
	var taken, cloud bool
	for _, name := range names {
		e := l.event(name)
		switch {
		case e == nil && len(l.events) > 0:
			l.report(codeEventExpression, n, "event-expression names %s, which is not in event-defs%s",
				quoted(name), didYouMean(name, tokens(l.events)))
			l.lost(n)
		case e == nil: // without event-defs, that is the fault to report
		case l.taken[e]:
			l.report(codeEventTwice, n, "event-expression names %s, as another member of this state does", quoted(name))
			taken = true
		default:
			l.taken[e], e.used = true, true
			cloud = cloud || e.cloud()
		}
	}
	if cloud && !taken {
		l.clouds++
	}
	if cloud && !taken && l.clouds == 2 {
		l.report(codeEventCloud, n, "the state waits for a cloud service in several members; it may in one only")
	}
}
