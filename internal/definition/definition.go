// Package definition is the graph definition language: it reads the JSON
// document that describes a graph, finds every fault in it with its code and
// place, and returns the checked form that the machine runs.
//
// The words are the document's own: a graph has states, an OPERATION state has
// actions, an action has result rules. docs/definition-language.md explains
// them. Whether the functions and triggers that a definition names exist is
// not looked at here; the package knows no storage, no HTTP and no time.
package definition

import (
	"slices"

	"heddle/internal/payload"
)

// Limits of a definition. Lengths count Unicode code points.
const (
	LengthMax            = 65536 // of the whole text
	DepthMax             = 32    // of its nesting
	StatesMax            = 100
	StateNameLengthMax   = 50
	EventsMax            = 20 // entries of event-defs
	EventNameLengthMax   = 50
	ActionsMax           = 20 // in one list
	ActionNameMax        = 20
	DelayMaxSeconds      = 86400
	TimeoutMaxSeconds    = 300 // of an action
	TimeoutDefault       = 30  // seconds, of an action whose timeout is 0 or absent
	EventTimeoutMax      = 86400
	RetryMax             = 10
	RetryDefault         = 3
	RetryIntervalMax     = 86400 // seconds
	RetryIntervalDefault = 1     // second
	RuleDepthMax         = 5     // of nested And, Or and Not in a choice
	ExpressionDepthMax   = 10    // of nested parentheses in an event-expression
	ProblemsMax          = 1000  // that Parse reports of one definition
)

// Definition is a checked graph document. It is never changed once made, and
// may be shared.
type Definition struct {
	Text   string // the document as it was sent
	States []State
	Events []EventDef

	start  *State
	byName map[string]*State
}

// Start returns the state in which executions begin.
func (d *Definition) Start() *State { return d.start }

// State returns the state of that name, or nil.
func (d *Definition) State(name string) *State { return d.byName[name] }

// Event returns the entry of event-defs of that name, or nil.
func (d *Definition) Event(name string) *EventDef {
	i := slices.IndexFunc(d.Events, func(e EventDef) bool { return e.Name == name })
	if i < 0 {
		return nil
	}
	return &d.Events[i]
}

// EventOf returns the entry of event-defs of that trigger, or nil.
func (d *Definition) EventOf(trigger string) *EventDef {
	i := slices.IndexFunc(d.Events, func(e EventDef) bool { return e.Source.String() == trigger })
	if i < 0 {
		return nil
	}
	return &d.Events[i]
}

// HasEvents reports whether the graph waits for events.
func (d *Definition) HasEvents() bool { return len(d.Events) > 0 }

// Triggers returns the URNs of the triggers that the graph waits for, in the
// order of the document.
func (d *Definition) Triggers() []string {
	var urns []string
	for _, e := range d.Events {
		urns = append(urns, e.Source.String())
	}
	return urns
}

// Functions returns the URNs of the functions that the graph calls, each
// spelling once, in the order of the document.
func (d *Definition) Functions() []string {
	var urns []string
	for _, s := range d.States {
		c, ok := s.Body.(caller)
		if !ok {
			continue
		}
		for _, a := range c.calls() {
			if !slices.Contains(urns, a.Function) {
				urns = append(urns, a.Function)
			}
		}
	}
	return urns
}

// State is one node of the graph. Its Body says what kind it is and what it does.
type State struct {
	Name      string
	FilterIn  *payload.Path // selects from the state's input what it works on
	FilterOut *payload.Path // selects from the state's result what goes on
	Body      Body

	later []string // events that states wait for to which this one leads
}

// Awaits reports whether the state, or any that it leads to, waits for an event
// of that name.
func (s *State) Awaits(event string) bool {
	e, waits := s.Body.(*Event)
	return waits && e.Names(event) || s.AwaitsLater(event)
}

// AwaitsLater reports whether any state to which this one leads waits for an
// event of that name.
func (s *State) AwaitsLater(event string) bool { return slices.Contains(s.later, event) }

// Type returns the state's type as the document spells it.
func (s *State) Type() Type { return s.Body.Type() }

// Type is a state type of the language.
type Type string

// The six state types.
const (
	TypeNoop      Type = "NOOP"
	TypeDelay     Type = "DELAY"
	TypeSwitch    Type = "SWITCH"
	TypeOperation Type = "OPERATION"
	TypeEvent     Type = "EVENT"
	TypeEnd       Type = "END"
)

// Body is what is particular to a state type: *Noop, *Delay, *Switch,
// *Operation, *Event or *End.
type Body interface {
	Type() Type
}
