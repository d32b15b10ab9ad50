package definition

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"heddle/internal/payload"
)

// Parse reads a definition and checks every rule of the language. It returns
// either the checked form, or all problems (ProblemsMax at most) in the order
// in which the published API reports them: size, JSON, unknown fields, field
// types, event-defs, states in the order of the document, links between
// states, rules on the whole graph (error codes, "Which code when several
// fit").
//
// A fault is reported once: what would only follow from a part that could not
// be read is not reported.
func Parse(text string) (*Definition, []Problem) {
	root, problem := parseJSON(text)
	if problem != nil {
		return nil, []Problem{*problem}
	}
	c := &checker{}
	d := c.check(&node{value: root, title: "the definition"})
	if len(c.found) > 0 {
		return nil, c.ordered()
	}
	d.Text = text
	c.lookAhead(d)
	return d, nil
}

// parseJSON reads the text as JSON, if it is not too long.
func parseJSON(text string) (*payload.Value, *Problem) {
	if length := utf8.RuneCountInString(text); length > LengthMax {
		return nil, &Problem{Code: codeTooLong,
			Message: fmt.Sprintf("the definition has %d characters; it may have %d", length, LengthMax)}
	}
	if strings.Trim(text, " \t\r\n") == "" {
		return nil, &Problem{Code: codeEmpty, Message: "the definition is empty; give an object with states"}
	}
	root, err := payload.Parse(text, DepthMax)
	if err == nil {
		return root, nil
	}
	problem := &Problem{Code: codeNotJSON, Message: "the definition is not valid JSON: " + err.Error()}
	var syntax *payload.SyntaxError
	if errors.As(err, &syntax) {
		problem.Path, problem.Offset = syntax.Pointer, syntax.Offset
	}
	return nil, problem
}

// checker gathers, while it reads a document, what is wrong with it, and what
// must be known of all its states before their links and the graph can be
// checked.
type checker struct {
	problems
	doubts

	events    []*knownEvent // the entries of event-defs
	eventless bool          // there is no event-defs, or an empty one

	states []*node   // all states
	starts []*node   // the fields "start": true
	ends   []*node   // the types of END states
	waits  []waiting // the EVENT states
	links  []link
	state  string // the name of the state that is being read
}

// check reads the definition and reports all its problems.
func (c *checker) check(root *node) *Definition {
	o := c.object(root, codeEmpty, []string{"states", "event-defs"})
	if o == nil {
		return nil
	}
	d := &Definition{byName: map[string]*State{}}
	c.phase = phaseEventDefs
	d.Events = c.readEventDefs(o)
	c.phase = phaseStates
	d.States = c.readStates(o)
	c.phase = phaseLinks
	c.checkLinks()
	c.phase = phaseGraph
	c.checkGraph(o)
	for i := range d.States {
		s := &d.States[i]
		d.byName[s.Name] = s
	}
	if len(c.starts) > 0 {
		d.start = d.byName[c.starts[0].parent.token]
	}
	return d
}

// doubts are the things that are not known for certain, because a part of the
// document that says them could not be read.
type doubts struct {
	aboutStart  bool // which state is the start
	aboutEnds   bool // which states are of type END
	aboutLinks  bool // which states lead where
	aboutEvents bool // which events are defined and used
}

// unread notes that a field could not be read. Names that are no fields raise
// no doubt.
func (d *doubts) unread(field string) {
	switch field {
	case "states":
		*d = doubts{true, true, true, true}
	case "start":
		d.aboutStart = true
	case "type":
		d.aboutEnds, d.aboutLinks, d.aboutEvents = true, true, true
	case "next-state", "default", "choices", "actions", "results":
		d.aboutLinks = true
	case "events":
		d.aboutLinks, d.aboutEvents = true, true
	case "event-defs", "event-expression":
		d.aboutEvents = true
	}
}
