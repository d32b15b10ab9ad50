package definition

import (
	"slices"
	"strconv"
	"strings"

	"heddle/internal/payload"
)

// node is a value of the document, and the way to it.
type node struct {
	value      *payload.Value
	nameOffset int // of its name, if it is a member of an object
	parent     *node
	token      string // its name or index in the parent
	title      string // what a message calls it, if not by its token
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// pointer returns the JSON pointer to the node.
func (n *node) pointer() string {
	if n.parent == nil {
		return ""
	}
	return n.parent.pointer() + "/" + pointerEscapes.Replace(n.token)
}

// members returns the members of an object in document order.
func (n *node) members() []*node {
	var members []*node
	for _, m := range n.value.Members() {
		members = append(members, &node{value: m.Value, nameOffset: m.NameOffset, parent: n, token: m.Name})
	}
	return members
}

// items returns the elements of an array.
func (n *node) items() []*node {
	var items []*node
	for i, v := range n.value.Items() {
		items = append(items, &node{value: v, parent: n, token: strconv.Itoa(i)})
	}
	return items
}

// object reads the fields of one JSON object and reports what is wrong with
// them. A field that is there but of no use (of a wrong type, say, or
// misspelled) is reported once; reading it then yields nothing, and what is
// said of a missing field is not said of it.
type object struct {
	*node
	c      *checker
	fields map[string]*node // by the name that was meant; nil if the field is of no use
}

// object opens an object that may have the fields known, and reports all
// others. It returns nil if n is no such object; emptyCode is the code for a
// null and for an object without members.
func (c *checker) object(n *node, emptyCode string, known []string) *object {
	kind, members := n.value.Kind(), n.members()
	switch {
	case kind == payload.Null || kind == payload.Object && len(members) == 0:
		c.report(emptyCode, n, "%s is empty; give an object with its fields", n.what())
		c.lost(n)
		return nil
	case kind != payload.Object:
		c.wrongType(n, payload.Object)
		return nil
	}
	o := &object{node: n, c: c, fields: make(map[string]*node, len(members))}
	for _, m := range members {
		if slices.Contains(known, m.token) {
			o.fields[m.token] = m
		}
	}
	for _, m := range members {
		if !slices.Contains(known, m.token) {
			o.unknown(m, known)
		}
	}
	return o
}

// unknown reports a field that the object may not have. A known field of
// nearly that name counts as meant, unless it is there too.
func (o *object) unknown(m *node, known []string) {
	absent := slices.DeleteFunc(slices.Clone(known), func(name string) bool {
		_, there := o.fields[name]
		return there
	})
	message := "unknown field " + quoted(m.token)
	if meant := near(m.token, absent); meant != "" {
		message += didYouMean(m.token, absent)
		o.fields[meant] = nil
		o.c.unread(meant)
	} else {
		message += "; the fields here are " + strings.Join(known, ", ")
	}
	o.c.reportIn(phaseUnknownFields, codeUnknownField, m, m.nameOffset, message)
}

// has reports whether the field is in the document, useful or not.
func (o *object) has(name string) bool {
	_, there := o.fields[name]
	return there
}

// require reports the field if it is missing.
func (o *object) require(name, code string) {
	if !o.has(name) {
		o.c.report(code, o.node, "%s is missing in %s; it is required", name, o.what())
		o.c.unread(name)
	}
}

// field returns the field's node, or nil if it is missing, of no use, or not
// of that kind, which is reported once.
func (o *object) field(name string, kind payload.Kind) *node {
	n := o.fields[name]
	if n != nil && n.value.Kind() != kind {
		o.c.wrongType(n, kind)
		o.fields[name], n = nil, nil
	}
	return n
}

// wrongType reports a value that is not of the kind its place calls for.
func (c *checker) wrongType(n *node, want payload.Kind) {
	c.reportIn(phaseTypes, codeField, n, n.value.Offset(),
		n.what()+" is "+kindName(n.value.Kind())+"; it must be "+kindName(want))
	c.lost(n)
}

// lost notes that it is not known what n says.
func (c *checker) lost(n *node) {
	c.unread(n.token)
	if n.parent != nil {
		c.unread(n.parent.token)
	}
}

// what names the node in a message.
func (n *node) what() string {
	switch {
	case n.title != "":
		return n.title
	case n.parent.value.Kind() == payload.Array:
		return n.parent.token + "[" + n.token + "]"
	default:
		return n.token
	}
}

func kindName(k payload.Kind) string {
	switch k {
	case payload.Null:
		return "null"
	case payload.Bool:
		return "a boolean"
	case payload.Number:
		return "a number"
	case payload.String:
		return "a string"
	case payload.Array:
		return "a list"
	default:
		return "an object"
	}
}

// tokens returns the names of nodes.
func tokens[N interface{ name() string }](nodes []N) []string {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = n.name()
	}
	return names
}

func (n *node) name() string { return n.token }
