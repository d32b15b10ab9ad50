package payload

// query is a JSONPath query: a whole one, or one inside a filter.
type query struct {
	relative bool // begins at the current node, @, instead of the root, $
	segments []segment

	// blank is set if white space stands inside the brackets of a segment. The
	// grammar has none where a query is compared, and some everywhere else.
	blank bool
}

// segment takes each node selected so far to some of its children, or with
// descendants also to some of their children, and so on.
type segment struct {
	descendants bool
	selectors   []selector
}

// selector chooses among the children of a node: it appends to nodes those
// that it selects.
type selector interface {
	choose(e *evaluation, v *Value, nodes []*Value) []*Value
}

// childSelector is a selector that selects at most one child: child returns
// it, or nil.
type childSelector interface {
	selector
	child(e *evaluation, v *Value) *Value
}

// singular reports whether the query selects at most one node by its form.
func (q *query) singular() bool {
	for _, s := range q.segments {
		if s.child() == nil {
			return false
		}
	}
	return true
}

// child returns the segment's selector if it has only one, which selects at
// most one child; else nil.
func (s *segment) child() childSelector {
	if s.descendants || len(s.selectors) != 1 {
		return nil
	}
	c, _ := s.selectors[0].(childSelector)
	return c
}

// nodes returns what the query selects, where current is the node that @
// stands for.
func (e *evaluation) nodes(q *query, current *Value) []*Value {
	nodes := []*Value{e.start(q, current)}
	for i := range q.segments {
		var next []*Value
		for _, v := range nodes {
			next = q.segments[i].choose(e, v, next)
		}
		nodes = next
	}
	return nodes
}

// node returns what a singular query selects, or nil.
func (e *evaluation) node(q *query, current *Value) *Value {
	v := e.start(q, current)
	for i := 0; i < len(q.segments) && v != nil; i++ {
		v = q.segments[i].child().child(e, v)
	}
	return v
}

// start returns the node where the query begins. It costs a step even if
// nothing follows: a filter may ask for @ thousands of times.
func (e *evaluation) start(q *query, current *Value) *Value {
	e.spend(1)
	if q.relative {
		return current
	}
	return e.root
}

func (s *segment) choose(e *evaluation, v *Value, nodes []*Value) []*Value {
	for _, selector := range s.selectors {
		nodes = selector.choose(e, v, nodes)
	}
	if s.descendants {
		for child := range children(v) {
			if !e.spend(1) {
				break
			}
			nodes = s.choose(e, child, nodes)
		}
	}
	return nodes
}
