package payload

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// builder cuts a JSON text into values. The text has been found valid, so
// there is no fault left to look for.
type builder struct {
	text    string
	at      int
	free    []Value  // to be handed out; made in blocks, to spare allocations
	items   []*Value // of the arrays that are open
	members []Member // of the objects that are open
}

// build returns the value that a valid text stands for. The stacks of open
// containers begin outside the heap, and stay there as long as they are copied
// by hand: slices.Clone might return them.
func build(text string) *Value {
	var items [8]*Value
	var members [8]Member
	b := builder{text: text, items: items[:0], members: members[:0]}
	return b.value()
}

// fresh returns a value to be filled in. A block has as many as the rest of the
// text can hold at most, or blockMax.
func (b *builder) fresh() *Value {
	const blockMax = 128
	if len(b.free) == 0 {
		size := blockMax
		if rest := b.text[b.at:]; len(rest) < 16*blockMax {
			size = 1 + strings.Count(rest, ",") + strings.Count(rest, "[") + strings.Count(rest, "{")
		}
		b.free = make([]Value, min(size, blockMax))
	}
	v := &b.free[0]
	b.free = b.free[1:]
	return v
}

// next returns the next byte that is not white space, and stands on it.
func (b *builder) next() byte {
	for {
		switch c := b.text[b.at]; c {
		case ' ', '\t', '\n', '\r':
			b.at++
		default:
			return c
		}
	}
}

func (b *builder) value() *Value {
	v := b.fresh()
	c := b.next()
	v.offset = b.at
	switch c {
	case '{':
		v.kind = Object
		v.members = b.object()
	case '[':
		v.kind = Array
		v.items = b.array()
	case '"':
		v.kind = String
		v.str = b.string()
	case 't', 'f':
		v.kind = Bool
		b.scalar()
	case 'n':
		v.kind = Null
		b.scalar()
	default:
		v.kind = Number
		b.scalar()
	}
	v.text = b.text[v.offset:b.at]
	return v
}

func (b *builder) object() []Member {
	first := len(b.members)
	for b.at++; b.next() != '}'; {
		if b.text[b.at] == ',' {
			b.at++
			b.next()
		}
		m := Member{NameOffset: b.at}
		m.Name = b.string()
		b.next()
		b.at++ // the colon
		m.Value = b.value()
		b.members = append(b.members, m)
	}
	b.at++
	members := make([]Member, len(b.members)-first)
	copy(members, b.members[first:])
	b.members = b.members[:first]
	return members
}

func (b *builder) array() []*Value {
	first := len(b.items)
	for b.at++; b.next() != ']'; {
		if b.text[b.at] == ',' {
			b.at++
		}
		b.items = append(b.items, b.value())
	}
	b.at++
	items := make([]*Value, len(b.items)-first)
	copy(items, b.items[first:])
	b.items = b.items[:first]
	return items
}

// string passes over a string and returns what it says.
func (b *builder) string() string {
	raw := b.text[b.at:stringEnd(b.text, b.at)]
	b.at += len(raw)
	if strings.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	decoded, _ := jsontext.AppendUnquote(nil, raw) // the string is valid
	return string(decoded)
}

// scalar passes over a number, true, false or null.
func (b *builder) scalar() {
	for b.at < len(b.text) && strings.IndexByte(",]} \t\n\r", b.text[b.at]) < 0 {
		b.at++
	}
}

// stringEnd returns where the string ends that begins at i in a valid text.
func stringEnd(text string, i int) int {
	for i++; text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i + 1
}
