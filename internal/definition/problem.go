package definition

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Problem is one fault of a definition.
type Problem struct {
	Code    string // FGS.1012 and so on
	Path    string // JSON pointer to the faulty place; to the object around it if a field is missing
	Offset  int    // of the faulty place in the text, in bytes
	Message string // what is wrong, and what would be right
}

// phase is the part of the checking that a problem belongs to. The published
// API reports problems phase by phase, and within one in document order.
type phase int

const (
	phaseUnknownFields phase = iota
	phaseTypes
	phaseEventDefs
	phaseStates
	phaseLinks
	phaseGraph
)

// problems gathers what is wrong with one document.
type problems struct {
	phase phase // of the checks that run now
	found []phasedProblem
}

type phasedProblem struct {
	phase phase
	Problem
}

// report notes a problem of the value at n.
func (p *problems) report(code string, n *node, format string, args ...any) {
	p.reportIn(p.phase, code, n, n.value.Offset(), fmt.Sprintf(format, args...))
}

// reportName notes a problem of the name under which n stands in its object.
func (p *problems) reportName(code string, n *node, format string, args ...any) {
	p.reportIn(p.phase, code, n, n.nameOffset, fmt.Sprintf(format, args...))
}

func (p *problems) reportIn(in phase, code string, n *node, offset int, message string) {
	p.found = append(p.found, phasedProblem{in, Problem{
		Code: code, Path: n.pointer(), Offset: offset, Message: message,
	}})
}

// ordered returns the problems in the order of the published API, at most
// ProblemsMax of them.
func (p *problems) ordered() []Problem {
	slices.SortStableFunc(p.found, func(a, b phasedProblem) int {
		return cmp.Or(cmp.Compare(a.phase, b.phase), cmp.Compare(a.Offset, b.Offset))
	})
	var list []Problem
	for _, f := range p.found[:min(len(p.found), ProblemsMax)] {
		list = append(list, f.Problem)
	}
	return list
}

// quoted shows a name of the document in a message, on one line.
func quoted(name string) string { return strconv.Quote(excerpt(name)) }

// excerpt cuts a piece of the document for a message.
func excerpt(text string) string {
	const lengthMax = StateNameLengthMax
	if utf8.RuneCountInString(text) <= lengthMax {
		return text
	}
	return string([]rune(text)[:lengthMax]) + "…"
}

// anyOf lists what would be right: "a, b or c".
func anyOf[T ~string](options []T) string {
	names := make([]string, len(options))
	for i, o := range options {
		names[i] = string(o)
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
