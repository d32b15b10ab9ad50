package payload

// equal reports whether two values are the same: numbers by value, objects
// without regard to the order of their members. Nothing equals Nothing only.
func (e *evaluation) equal(a, b *Value) bool {
	if !e.spend(1) || a == nil || b == nil {
		return a == nil && b == nil
	}
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case Number:
		return e.read(len(a.text)+len(b.text)) && CompareNumbers(a.text, b.text) == 0
	case String:
		return e.read(min(len(a.str), len(b.str))) && a.str == b.str
	case Array:
		return e.equalItems(a.items, b.items)
	case Object:
		return e.equalMembers(a, b)
	default:
		return a.text == b.text
	}
}

func (e *evaluation) equalItems(a, b []*Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !e.equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func (e *evaluation) equalMembers(a, b *Value) bool {
	if len(a.members) != len(b.members) {
		return false
	}
	for i := range a.members {
		other := e.member(b, a.members[i].Name)
		if other == nil || !e.equal(a.members[i].Value, other) {
			return false
		}
	}
	return true
}

// less reports whether a comes before b: of two numbers by value, of two
// strings by code point, which is the order of their bytes. Nothing else has
// an order.
func (e *evaluation) less(a, b *Value) bool {
	if !e.spend(1) || a == nil || b == nil || a.kind != b.kind {
		return false
	}
	switch a.kind {
	case Number:
		return e.read(len(a.text)+len(b.text)) && CompareNumbers(a.text, b.text) < 0
	case String:
		return e.read(min(len(a.str), len(b.str))) && a.str < b.str
	default:
		return false
	}
}
