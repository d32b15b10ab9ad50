package payload

// condition is a logical expression of a filter: holds says whether it is true
// of the current node, @.
type condition interface {
	holds(e *evaluation, current *Value) bool
}

// anyOf joins conditions by ||.
type anyOf []condition

func (c anyOf) holds(e *evaluation, current *Value) bool {
	for _, each := range c {
		if each.holds(e, current) {
			return true
		}
	}
	return false
}

// allOf joins conditions by &&.
type allOf []condition

func (c allOf) holds(e *evaluation, current *Value) bool {
	for _, each := range c {
		if !each.holds(e, current) {
			return false
		}
	}
	return true
}

// not is a condition after !.
type not struct{ condition condition }

func (c not) holds(e *evaluation, current *Value) bool {
	return !c.condition.holds(e, current)
}

// exists holds if the query selects any node.
type exists struct{ query *query }

func (c exists) holds(e *evaluation, current *Value) bool {
	return len(e.nodes(c.query, current)) > 0
}

// nodeExists is exists for a singular query.
type nodeExists struct{ query *query }

func (c nodeExists) holds(e *evaluation, current *Value) bool {
	return e.node(c.query, current) != nil
}

// comparison compares two values by one of == != < <= > >=.
type comparison struct {
	operator    string
	left, right operand
}

func (c comparison) holds(e *evaluation, current *Value) bool {
	left, right := c.left.value(e, current), c.right.value(e, current)
	switch c.operator {
	case "==":
		return e.equal(left, right)
	case "!=":
		return !e.equal(left, right)
	case "<":
		return e.less(left, right)
	case "<=":
		return e.less(left, right) || e.equal(left, right)
	case ">":
		return e.less(right, left)
	default:
		return e.less(right, left) || e.equal(left, right)
	}
}

// operand is what yields a value: nil is the RFC's special result Nothing.
type operand interface {
	value(e *evaluation, current *Value) *Value
}

// literal is a value that stands in the query.
type literal struct{ constant *Value }

func (o literal) value(*evaluation, *Value) *Value { return o.constant }

// nodeValue is the value of the node that a singular query selects.
type nodeValue struct{ query *query }

func (o nodeValue) value(e *evaluation, current *Value) *Value {
	return e.node(o.query, current)
}
