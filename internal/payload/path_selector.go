package payload

import "iter"

// children yields the elements of an array, or the values of an object's
// members, in the order of the text.
func children(v *Value) iter.Seq[*Value] {
	return func(yield func(*Value) bool) {
		for _, item := range v.items {
			if !yield(item) {
				return
			}
		}
		for i := range v.members {
			if !yield(v.members[i].Value) {
				return
			}
		}
	}
}

// nameSelector selects the member of that name.
type nameSelector string

func (s nameSelector) choose(e *evaluation, v *Value, nodes []*Value) []*Value {
	return appendChild(nodes, s.child(e, v))
}

func (s nameSelector) child(e *evaluation, v *Value) *Value {
	return e.member(v, string(s))
}

// indexSelector selects the element of that index, or counts from the end if
// it is negative.
type indexSelector int64

func (s indexSelector) choose(e *evaluation, v *Value, nodes []*Value) []*Value {
	return appendChild(nodes, s.child(e, v))
}

func (s indexSelector) child(e *evaluation, v *Value) *Value {
	i := int64(s)
	if i < 0 {
		i += int64(len(v.items))
	}
	if !e.spend(1) || i < 0 || i >= int64(len(v.items)) {
		return nil
	}
	return v.items[i]
}

func appendChild(nodes []*Value, child *Value) []*Value {
	if child == nil {
		return nodes
	}
	return append(nodes, child)
}

// wildcardSelector selects all children.
type wildcardSelector struct{}

func (wildcardSelector) choose(e *evaluation, v *Value, nodes []*Value) []*Value {
	for child := range children(v) {
		if !e.spend(1) {
			break
		}
		nodes = append(nodes, child)
	}
	return nodes
}

// sliceSelector selects the elements from start to end, end not included, in
// steps that may lead backwards. An absent start or end is nil and stands for
// the far end of the array.
type sliceSelector struct {
	start, end *int64
	step       int64
}

func (s sliceSelector) choose(e *evaluation, v *Value, nodes []*Value) []*Value {
	first, last := s.bounds(int64(len(v.items)))
	for i := first; s.step > 0 && i < last || s.step < 0 && i > last; i += s.step {
		if !e.spend(1) {
			break
		}
		nodes = append(nodes, v.items[i])
	}
	return nodes
}

// bounds returns the index where the slice of an array of that length begins
// and the one before which it ends, or behind which if the step is negative.
func (s sliceSelector) bounds(length int64) (first, last int64) {
	low, high := int64(0), length
	first, last = low, high
	if s.step < 0 {
		low, high = -1, length-1
		first, last = high, low
	}
	within := func(i int64) int64 {
		if i < 0 {
			i += length
		}
		return min(max(i, low), high)
	}
	if s.start != nil {
		first = within(*s.start)
	}
	if s.end != nil {
		last = within(*s.end)
	}
	return first, last
}

// filterSelector selects the children for which its condition holds.
type filterSelector struct{ condition condition }

func (s filterSelector) choose(e *evaluation, v *Value, nodes []*Value) []*Value {
	for child := range children(v) {
		if !e.spend(1) {
			break
		}
		if s.condition.holds(e, child) {
			nodes = append(nodes, child)
		}
	}
	return nodes
}
