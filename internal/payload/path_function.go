package payload

import (
	"strconv"
	"unicode/utf8"
)

// function is one of the RFC's functions: the types of its parameters, and
// what a call with well-typed arguments becomes.
type function struct {
	parameters []parameter
	call       func(p *parser, arguments []term) (term, error)
}

// parameter is the declared type of a parameter.
type parameter uint8

const (
	valueParameter parameter = iota // ValueType of the RFC
	nodesParameter                  // NodesType
)

// functionNames lists the functions for messages.
const functionNames = "length, count, match, search, value"

func functionOf(name string) (function, bool) {
	switch name {
	case "length":
		return function{[]parameter{valueParameter}, callLength}, true
	case "count":
		return function{[]parameter{nodesParameter}, callCount}, true
	case "value":
		return function{[]parameter{nodesParameter}, callValue}, true
	case "match":
		return function{[]parameter{valueParameter, valueParameter}, callMatch}, true
	case "search":
		return function{[]parameter{valueParameter, valueParameter}, callSearch}, true
	default:
		return function{}, false
	}
}

func callLength(_ *parser, arguments []term) (term, error) {
	return term{operand: length{arguments[0].operand}}, nil
}

func callCount(_ *parser, arguments []term) (term, error) {
	return term{operand: count{arguments[0].query}}, nil
}

func callValue(_ *parser, arguments []term) (term, error) {
	return term{operand: onlyValue{arguments[0].query}}, nil
}

// length is the number of a string's code points, of an array's elements, or
// of an object's members.
type length struct{ of operand }

func (f length) value(e *evaluation, current *Value) *Value {
	v := f.of.value(e, current)
	switch {
	case v == nil:
		return nil
	case v.kind == String:
		e.read(len(v.str))
		return numberValue(utf8.RuneCountInString(v.str))
	case v.kind == Array:
		return numberValue(len(v.items))
	case v.kind == Object:
		return numberValue(len(v.members))
	default:
		return nil
	}
}

// count is the number of nodes that a query selects.
type count struct{ query *query }

func (f count) value(e *evaluation, current *Value) *Value {
	return numberValue(len(e.nodes(f.query, current)))
}

// onlyValue is the value of the only node that a query selects: Nothing if
// there are none or several.
type onlyValue struct{ query *query }

func (f onlyValue) value(e *evaluation, current *Value) *Value {
	nodes := e.nodes(f.query, current)
	if len(nodes) != 1 {
		return nil
	}
	return nodes[0]
}

func numberValue(n int) *Value {
	return &Value{kind: Number, text: strconv.Itoa(n)}
}
