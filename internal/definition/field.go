package definition

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"heddle/internal/payload"
)

// The readers of fields return the field's default if it is missing, and the
// zero value if it is faulty, which they report.

// boolean reads true or false; false is the default.
func (o *object) boolean(name string) bool {
	n := o.field(name, payload.Bool)
	return n != nil && n.value.True()
}

// whole is the rule of an integer field.
type whole struct {
	min, max int
	code     string
}

// integer reads a whole number. 8.0 and 1e1 are whole numbers, 8.5 is a breach
// of the rule.
func (o *object) integer(name string, rule whole, missing int) int {
	if !o.has(name) {
		return missing
	}
	n := o.field(name, payload.Number)
	if n == nil {
		return 0
	}
	i, ok := wholeFromNumber(n.value.Text())
	if !ok || i < rule.min || i > rule.max {
		o.c.report(rule.code, n, "%s is %s; it must be a whole number from %d to %d",
			name, excerpt(n.value.Text()), rule.min, rule.max)
	}
	return i
}

func wholeFromNumber(number string) (int, bool) {
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || math.Abs(f) > math.MaxInt32 {
		return 0, false
	}
	i := int(f)
	return i, payload.CompareNumbers(number, strconv.Itoa(i)) == 0
}

// path reads a JSONPath query; $ is the default.
func (o *object) path(name, code string) *payload.Path {
	if !o.has(name) {
		return payload.Root
	}
	n := o.field(name, payload.String)
	if n == nil {
		return nil
	}
	p, err := payload.Compile(n.value.Str())
	if err != nil {
		o.c.report(code, n, "%s %s is not a JSONPath query: %v", name, quoted(n.value.Str()), err)
		return nil
	}
	return p
}

// oneOf reads one of some words, of which the first is the default.
func oneOf[T ~string](o *object, name, code string, options ...T) T {
	if !o.has(name) {
		return options[0]
	}
	n := o.field(name, payload.String)
	if n == nil {
		return ""
	}
	word := T(n.value.Str())
	if !slices.Contains(options, word) {
		o.c.report(code, n, "%s is %s; it must be %s%s",
			name, quoted(string(word)), anyOf(options), didYouMean(string(word), options))
		o.c.lost(n)
		return ""
	}
	return word
}

// requireSome reports a list that is missing or has no elements.
func (o *object) requireSome(name, code string) {
	o.require(name, code)
	if n := o.field(name, payload.Array); n != nil && len(n.value.Items()) == 0 {
		o.c.report(code, n, "%s is empty; it must have at least one element", name)
		o.c.lost(n)
	}
}

// list reads the elements of an array; none is the default.
func (o *object) list(name string) []*node {
	if n := o.field(name, payload.Array); n != nil {
		return n.items()
	}
	return nil
}

// link reads the name of a state that the current one leads to. Whether there
// is such a state is checked when all states are known.
func (o *object) link(name, code string) string {
	n := o.field(name, payload.String)
	if n == nil {
		return ""
	}
	to := n.value.Str()
	o.c.links = append(o.c.links, link{from: o.c.state, to: to, at: n, code: code})
	return to
}

// wellFormed reports whether a name has 1 to lengthMax letters, digits, '-'
// and '_'.
func wellFormed(name string, lengthMax int) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	return name != "" && len(name) <= lengthMax && strings.Trim(name, allowed) == ""
}

// tooLong reports whether a name has more than lengthMax code points. What
// stands under such a name is not looked into, so that the names in the
// pointers of problems stay short.
func tooLong(name string, lengthMax int) bool {
	return utf8.RuneCountInString(name) > lengthMax
}
