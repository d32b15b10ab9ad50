// Package definition is the graph definition language: it reads the JSON
// document that describes a graph, finds every fault in it with its code and
// place, and returns the checked form that the machine runs.
//
// The words are the document's own: a graph has states, an OPERATION state has
// actions, an action has result rules. docs/definition-language.md explains
// them. Whether the functions and triggers that a definition names exist is
// not looked at here; the package knows no storage, no HTTP and no time.
package definition

import "heddle/internal/payload"

// Limits of a definition. Lengths count Unicode code points.
const (
	LengthMax          = 65536 // of the whole text
	DepthMax           = 32    // of its nesting
	StatesMax          = 100
	StateNameLengthMax = 50
	EventsMax          = 20 // entries of event-defs
	EventNameLengthMax = 50
	ActionsMax         = 20 // in one list
	ActionNameMax      = 20
	DelayMaxSeconds    = 86400
	TimeoutMaxSeconds  = 300 // of an action
	TimeoutDefault     = 30  // seconds, of an action whose timeout is 0 or absent
	EventTimeoutMax    = 86400
	RetryMax           = 10
	RetryDefault       = 3
	RetryIntervalMax   = 86400 // seconds
	RuleDepthMax       = 5     // of nested And, Or and Not in a choice
)

// Definition is a checked graph document. It is never changed once made, and
// may be shared.
type Definition struct {
	Text   string // the document as it was sent
	States []State
	Events []EventDef

	start  int
	byName map[string]int
}

// Start returns the state in which executions begin.
func (d *Definition) Start() *State { return &d.States[d.start] }

// State returns the state of that name, or nil.
func (d *Definition) State(name string) *State {
	i, ok := d.byName[name]
	if !ok {
		return nil
	}
	return &d.States[i]
}

// State is one node of the graph. Its Body says what kind it is and what it does.
type State struct {
	Name      string
	FilterIn  *payload.Path // selects from the state's input what it works on
	FilterOut *payload.Path // selects from the state's result what goes on
	Body      Body
}

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
	// targets lists the names of the states that this one can lead to, in the
	// order of the document.
	targets() []string
}
