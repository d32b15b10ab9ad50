package payload

// Kind is the kind of a JSON value.
type Kind uint8

// The kinds of JSON values.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// String returns the kind's name in lower case.
func (k Kind) String() string {
	return [...]string{"null", "boolean", "number", "string", "array", "object"}[k]
}

// Value is one value of a parsed JSON text. It is never changed once made.
type Value struct {
	text    string
	offset  int
	kind    Kind
	str     string
	items   []*Value
	members []Member
}

// Member is one member of an object.
type Member struct {
	Name       string // decoded
	NameOffset int    // of the name's opening quote in the text
	Value      *Value
}

// Kind returns the value's kind.
func (v *Value) Kind() Kind { return v.kind }

// Text returns the value's JSON text as it came, without the white space around it.
func (v *Value) Text() string { return v.text }

// Offset returns where the value begins in the parsed text, in bytes.
func (v *Value) Offset() int { return v.offset }

// Str returns the decoded text of a String, and "" for other kinds.
func (v *Value) Str() string { return v.str }

// True reports whether the value is the boolean true.
func (v *Value) True() bool { return v.text == "true" }

// Items returns the elements of an Array. The slice must not be changed.
func (v *Value) Items() []*Value { return v.items }

// Members returns the members of an Object in the order of the text. The
// slice must not be changed.
func (v *Value) Members() []Member { return v.members }

// Member returns the member of that name, or nil. It looks through the
// members one by one.
func (v *Value) Member(name string) *Value {
	for i := range v.members {
		if v.members[i].Name == name {
			return v.members[i].Value
		}
	}
	return nil
}
