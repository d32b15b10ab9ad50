// Package payload handles JSON texts as the engine passes them on: it reads
// them strictly, selects from them by JSONPath (RFC 9535), and compares
// numbers by value, without ever rounding a number or reordering a key.
//
// A payload is a JSON text and stays one: what a query selects is a piece of
// the text it came from, byte for byte. Every evaluation runs under a budget
// of steps. The package knows nothing of graphs, and has no I/O, clock or lock.
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

// Value is one value of a parsed JSON text. It is never changed once made.
type Value struct {
	// fields are for the implementer to choose
}

// Member is one member of an object.
type Member struct {
	Name       string // decoded
	NameOffset int    // of the name's opening quote in the text
	Value      *Value
}

// Parse reads one JSON value, and nothing but white space around it. It
// refuses what RFC 8259 refuses, and also duplicate names in an object,
// invalid UTF-8, lone surrogates, and nesting deeper than depthMax (a scalar
// has depth 0). The error is a *SyntaxError.
func Parse(text string, depthMax int) (*Value, error) { panic("not written yet") }

// SyntaxError says where a text stops being acceptable JSON.
type SyntaxError struct {
	Offset  int    // in bytes
	Pointer string // JSON pointer to the innermost value around the fault
	Message string
}

func (e *SyntaxError) Error() string { return e.Message }

// Kind returns the value's kind.
func (v *Value) Kind() Kind { panic("not written yet") }

// Text returns the value's JSON text as it came, without the white space around it.
func (v *Value) Text() string { panic("not written yet") }

// Offset returns where the value begins in the parsed text, in bytes.
func (v *Value) Offset() int { panic("not written yet") }

// Str returns the decoded text of a String, and "" for other kinds.
func (v *Value) Str() string { panic("not written yet") }

// True reports whether the value is the boolean true.
func (v *Value) True() bool { panic("not written yet") }

// Items returns the elements of an Array.
func (v *Value) Items() []*Value { panic("not written yet") }

// Members returns the members of an Object in the order of the text.
func (v *Value) Members() []Member { panic("not written yet") }

// Member returns the member of that name, or nil.
func (v *Value) Member(name string) *Value { panic("not written yet") }

// CompareNumbers compares two JSON numbers by value, exactly, however large or
// small they are: -1, 0 or +1.
func CompareNumbers(a, b string) int { panic("not written yet") }

// Quote returns text as a JSON string.
func Quote(text string) string { panic("not written yet") }

// Path is a compiled JSONPath query.
type Path struct{}

// Root is the query $.
var Root *Path

// Compile reads a JSONPath query of RFC 9535, whole: it refuses every query
// that the RFC calls invalid (not well-formed, or not well-typed).
// The error is a *SyntaxError whose Offset is in the query.
func Compile(query string) (*Path, error) { panic("not written yet") }

// String returns the query as it was written.
func (p *Path) String() string { panic("not written yet") }

// IsRoot reports whether the query is $, which selects the whole payload.
func (p *Path) IsRoot() bool { panic("not written yet") }

// Singular reports whether the query selects at most one node by its form.
func (p *Path) Singular() bool { panic("not written yet") }

// StepsMax is the budget of one evaluation: nodes visited and characters
// matched. A query that needs more fails with ErrBudget.
const StepsMax = 100_000

// Select returns the nodes that the query selects, in the order of the RFC.
func (p *Path) Select(v *Value) ([]*Value, error) { panic("not written yet") }

// Filter applies the query to a JSON text, the way the language's filters do:
// a singular query yields the text of the node it selects, or ErrNothing; any
// other query yields the array of what it selects, possibly empty. The root
// query returns the text itself without reading it.
func (p *Path) Filter(text string) (string, error) { panic("not written yet") }

// Errors of evaluation.
var (
	ErrNothing error // the singular query selects nothing
	ErrBudget  error // the evaluation took more than StepsMax steps
)
