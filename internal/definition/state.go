package definition

import (
	"slices"
	"unicode/utf8"

	"heddle/internal/payload"
)

// kind is what there is to know of a state type to read states of it.
type kind struct {
	name   Type
	fields []string // that a state of this type may have
	parse  func(*object) Body
}

// kinds are the state types. A new one is a file of its own and a line here.
var kinds = []kind{noopKind, delayKind, switchKind, operationKind, eventKind, endKind}

// passing are the fields of a state that receives, works and passes on.
func passing(own ...string) []string {
	return append([]string{"type", "start", "payload-filter-in", "payload-filter-out"}, own...)
}

// kindOf returns the kind that a state says it has. If there is none, the kind
// returned has all fields and parse is nil.
func kindOf(n *node) kind {
	var all kind
	said := n.value.Member("type")
	for _, k := range kinds {
		if said != nil && said.Str() == string(k.name) {
			return k
		}
		for _, f := range k.fields {
			if !slices.Contains(all.fields, f) {
				all.fields = append(all.fields, f)
			}
		}
	}
	return all
}

// readStates reads the states of a definition, and on the way what the checks
// of links and of the whole graph need.
func (c *checker) readStates(o *object) []State {
	o.require("states", codeStateCount)
	n := o.field("states", payload.Object)
	if n == nil {
		return nil
	}
	c.states = n.members()
	if count := len(c.states); count < 1 || count > StatesMax {
		c.report(codeStateCount, n, "there are %d states; there must be 1 to %d", count, StatesMax)
	}
	if len(c.states) == 0 {
		c.lost(n)
	}
	var states []State
	for _, s := range c.states {
		s.title = "state " + quoted(s.token)
		states = append(states, c.readState(s))
	}
	return states
}

func (c *checker) readState(n *node) State {
	c.state = n.token
	if n.token == "" || tooLong(n.token, StateNameLengthMax) {
		c.reportName(codeStateName, n, "the name %s has %d characters; a state's name has 1 to %d",
			quoted(n.token), utf8.RuneCountInString(n.token), StateNameLengthMax)
	}
	if tooLong(n.token, StateNameLengthMax) {
		c.lost(n)
		return State{}
	}
	k := kindOf(n)
	o := c.object(n, codeStateEmpty, k.fields)
	if o == nil {
		return State{}
	}
	if o.boolean("start") {
		c.starts = append(c.starts, o.fields["start"])
	}
	o.require("type", codeStateType)
	oneOf(o, "type", codeStateType, TypeNoop, TypeDelay, TypeSwitch, TypeOperation, TypeEvent, TypeEnd)
	s := State{
		Name:      n.token,
		FilterIn:  o.path("payload-filter-in", codeField),
		FilterOut: o.path("payload-filter-out", codeField),
	}
	if k.parse != nil {
		s.Body = k.parse(o)
	}
	return s
}
