package definition

import (
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

// Event waits for events.
type Event struct {
	TimeoutSeconds int // 0 waits for ever
	Members        []EventMember
}

// Type returns EVENT.
func (*Event) Type() Type { return TypeEvent }

func (e *Event) targets() []string {
	var names []string
	for _, m := range e.Members {
		names = append(names, m.Next)
		names = append(names, resultTargets(m.Actions)...)
	}
	return names
}

// EventMember is one of the things that an EVENT state waits for.
type EventMember struct {
	Expression EventExpression
	Mode       ActionMode
	Actions    []Action // may be empty: then the event's payload is the result
	InputMode  InputMode
	Next       string
}

// EventExpression is an event name, or events joined by "and" or "or": exactly
// one of Name, And and Or is set.
type EventExpression struct {
	Name string
	And  []EventExpression
	Or   []EventExpression
}

// InputMode says what the actions of an EVENT member get.
type InputMode string

// The input modes.
const (
	InputEvent InputMode = "EVENT" // the event's payload
	InputBoth  InputMode = "BOTH"  // {"input": the state's input, "event": the event's payload}
)
