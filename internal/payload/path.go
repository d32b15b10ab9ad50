package payload

import (
	"errors"
	"fmt"
	"strings"
)

// Limits of a query and of its evaluation.
const (
	// StepsMax is the budget of one evaluation. Visiting a node, trying an
	// element against a filter and comparing two values take a step each;
	// long texts, names and numbers take one for every 64 bytes read, and
	// regular expressions one for every byte of the text they are tried on,
	// or more of them if they are large. A query that needs more fails with
	// ErrBudget. A step is below a microsecond, mostly far below.
	StepsMax = 100_000

	// FilterLengthMax is the length in bytes of the longest array that Filter
	// makes. A query may select one large node many times.
	FilterLengthMax = 1 << 20

	// filterDepthMax is what the JSON reader itself allows: payloads have been
	// held to smaller limits where they came in, and filters wrap them anew.
	filterDepthMax = 10_000
)

// Errors of evaluation.
var (
	ErrNothing = errors.New("the query selects nothing")
	ErrBudget  = fmt.Errorf("the query takes more than %d steps or yields more than %d bytes", StepsMax, FilterLengthMax)
)

// Path is a compiled JSONPath query. It is never changed once made, and may be
// shared.
type Path struct {
	text     string
	query    *query
	singular bool
}

// Root is the query $.
var Root = &Path{text: "$", query: &query{}, singular: true}

// Compile reads a JSONPath query of RFC 9535, whole: it refuses every query
// that the RFC calls invalid (not well-formed, or not well-typed), and one
// that nests parentheses, filters and calls deeper than 64 or whose regular
// expressions are too large. The error is a *SyntaxError whose Offset is in
// the query.
func Compile(query string) (*Path, error) {
	q, err := parseQuery(query)
	if err != nil {
		return nil, err
	}
	return &Path{text: query, query: q, singular: q.singular()}, nil
}

// String returns the query as it was written.
func (p *Path) String() string { return p.text }

// IsRoot reports whether the query is $, which selects the whole payload.
func (p *Path) IsRoot() bool { return len(p.query.segments) == 0 }

// Singular reports whether the query selects at most one node by its form.
func (p *Path) Singular() bool { return p.singular }

// Select returns the nodes that the query selects, in the order of the RFC:
// the members of an object stand in the order of the text. A node selected
// twice is there twice. The only error is ErrBudget.
func (p *Path) Select(v *Value) ([]*Value, error) {
	e := newEvaluation(v)
	nodes := e.nodes(p.query, v)
	if e.exhausted() {
		return nil, ErrBudget
	}
	return nodes, nil
}

// Filter applies the query to a JSON text, the way the language's filters do:
// a singular query yields the text of the node it selects, or ErrNothing; any
// other query yields the array of what it selects, possibly empty. The root
// query returns the text itself without reading it; any other query expects
// valid JSON, and returns a *SyntaxError for what is not.
func (p *Path) Filter(text string) (string, error) {
	if p.IsRoot() {
		return text, nil
	}
	v, err := Parse(text, filterDepthMax)
	if err != nil {
		return "", err
	}
	nodes, err := p.Select(v)
	switch {
	case err != nil:
		return "", err
	case !p.singular:
		return array(nodes)
	case len(nodes) == 0:
		return "", ErrNothing
	default:
		return nodes[0].text, nil
	}
}

// array returns the JSON array of the nodes.
func array(nodes []*Value) (string, error) {
	length := len("[]") + max(0, len(nodes)-1)
	for _, v := range nodes {
		if length += len(v.text); length > FilterLengthMax {
			return "", ErrBudget
		}
	}
	var b strings.Builder
	b.Grow(length)
	b.WriteByte('[')
	for i, v := range nodes {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(v.text)
	}
	b.WriteByte(']')
	return b.String(), nil
}
