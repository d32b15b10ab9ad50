package schedule

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// expressionMax is longer than a list of all values in all fields.
const expressionMax = 1024

// Parse reads an expression of five or six fields, as workflow timers have them:
//
//	minutes hours day-of-month month day-of-week [year]
//
// Weekdays are numbered from 1, which is Sunday, and exactly one of the two day
// fields is a question mark. The rules are those of the published page (workflow
// timers, cron expressions).
func Parse(expression string) (*Cron, error) { return workflow.parse(expression) }

// dialect is a kind of expression. The parts of a Cron that it has no field for
// are set beforehand.
type dialect struct {
	fields   []rule
	optional int // how many of the last may be missing
	preset   Cron
	check    func(*Cron) error // of all fields together
}

// rule is what a field of a dialect may hold.
type rule struct {
	name     string // as messages call it
	min, max int
	names    string                            // of the values, three letters each, from min on
	zero     int                               // the number of what the core counts as 0
	anything bool                              // a question mark is allowed
	special  func(rule, string) (field, error) // reads what is no list, or returns errList
	part     func(*Cron) *field
}

// errList says that a text is none of a field's special forms.
var errList = errors.New("it is a list")

var workflow = dialect{
	fields: []rule{
		{name: "minutes", min: 0, max: 59, part: func(c *Cron) *field { return &c.minutes }},
		{name: "hours", min: 0, max: 23, part: func(c *Cron) *field { return &c.hours }},
		{name: "day-of-month", min: 1, max: 31, anything: true, special: specialDay, part: func(c *Cron) *field { return &c.days }},
		{name: "month", min: 1, max: 12, names: "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC", part: func(c *Cron) *field { return &c.months }},
		{name: "day-of-week", min: 1, max: 7, names: "SUNMONTUEWEDTHUFRISAT", zero: 1, anything: true, special: specialWeekday, part: func(c *Cron) *field { return &c.weekdays }},
		{name: "year", min: yearMin, max: yearMax, part: func(c *Cron) *field { return &c.years }},
	},
	optional: 1,
	preset:   Cron{seconds: field{values: []int{0}}},
	check: func(c *Cron) error {
		if c.days.open() == c.weekdays.open() {
			return errors.New("exactly one of day-of-month and day-of-week must be ?")
		}
		return nil
	},
}

// open reports whether the field is a question mark.
func (f field) open() bool { return f.values == nil && f.special.kind == none }

func (d dialect) parse(expression string) (*Cron, error) {
	if len(expression) > expressionMax {
		return nil, fmt.Errorf("the expression has %d bytes, at most %d are allowed", len(expression), expressionMax)
	}
	texts := strings.FieldsFunc(expression, func(c rune) bool { return c == ' ' || c == '\t' })
	if n, max := len(texts), len(d.fields); n > max || n < max-d.optional {
		return nil, fmt.Errorf("the expression has %d fields, not %d to %d: %s", n, max-d.optional, max, d.form())
	}
	c := d.preset
	for i, text := range texts {
		f, err := d.fields[i].parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s %q: %w", d.fields[i].name, text, err)
		}
		*d.fields[i].part(&c) = f
	}
	if err := d.check(&c); err != nil {
		return nil, err
	}
	return &c, nil
}

// form names the fields.
func (d dialect) form() string {
	names := make([]string, len(d.fields))
	for i, r := range d.fields {
		names[i] = r.name
		if i >= len(d.fields)-d.optional {
			names[i] = "[" + r.name + "]"
		}
	}
	return strings.Join(names, " ")
}

func (r rule) parse(text string) (field, error) {
	if r.anything && text == "?" {
		return field{}, nil
	}
	if r.special != nil {
		if f, err := r.special(r, text); !errors.Is(err, errList) {
			return f, err
		}
	}
	chosen := make([]bool, r.max-r.min+1)
	for term := range strings.SplitSeq(text, ",") {
		first, last, step, err := r.term(term)
		if err != nil {
			return field{}, err
		}
		for v := first; v <= last; v += step {
			chosen[v-r.min] = true
		}
	}
	var values []int
	for i, is := range chosen {
		if is {
			values = append(values, r.min+i-r.zero)
		}
	}
	return field{values: values}, nil
}

// term reads a member of a list: *, a or a-b, and a step behind it.
func (r rule) term(text string) (first, last, step int, err error) {
	span, steps, stepped := strings.Cut(text, "/")
	low, high, ranged := strings.Cut(span, "-")
	switch {
	case span == "*":
		first, last = r.min, r.max
	default:
		if first, err = r.value(low); err != nil {
			return 0, 0, 0, err
		}
		last = first
		if stepped {
			last = r.max
		}
		if ranged {
			if last, err = r.value(high); err != nil {
				return 0, 0, 0, err
			}
		}
	}
	if first > last {
		return 0, 0, 0, fmt.Errorf("the range %s runs backwards; begin with the smaller value", span)
	}
	step = 1
	if stepped {
		if step, err = number(steps, 1, r.stepMax()); err != nil {
			return 0, 0, 0, fmt.Errorf("the step %w", err)
		}
	}
	return first, last, step, nil
}

// stepMax is the largest value of the field; for years, how many years the field
// spans.
func (r rule) stepMax() int {
	if r.min == yearMin {
		return r.max - r.min
	}
	return r.max
}

// value reads a number or a name.
func (r rule) value(text string) (int, error) {
	if len(text) == 3 {
		if i := strings.Index(r.names, strings.ToUpper(text)); i >= 0 && i%3 == 0 {
			return r.min + i/3, nil
		}
	}
	n, err := number(text, r.min, r.max)
	if err != nil && r.names != "" {
		return 0, fmt.Errorf("%w, or a name from %s to %s", err, r.names[:3], r.names[len(r.names)-3:])
	}
	return n, err
}

// number reads up to four decimal digits.
func number(text string, min, max int) (int, error) {
	const digitsMax = 4
	n, err := strconv.Atoi(text)
	if err != nil || strings.Trim(text, "0123456789") != "" || len(text) > digitsMax || n < min || n > max {
		return 0, fmt.Errorf("%q must be a number from %d to %d", text, min, max)
	}
	return n, nil
}

// specialDay reads L, L-n, LW and nW.
func specialDay(r rule, text string) (field, error) {
	const backMax = 30
	back, fromLast := strings.CutPrefix(text, "L-")
	day, nearest := strings.CutSuffix(text, "W")
	switch {
	case text == "L":
		return field{special: special{kind: beforeLast}}, nil
	case text == "LW":
		return field{special: special{kind: lastWorkday}}, nil
	case fromLast:
		n, err := number(back, 0, backMax)
		return field{special: special{kind: beforeLast, n: n}}, err
	case nearest:
		n, err := number(day, r.min, r.max)
		return field{special: special{kind: nearestWorkday, n: n}}, err
	case strings.ContainsAny(text, "LW"):
		return field{}, errors.New("each of L, L-n, LW and nW stands alone in its field")
	}
	return field{}, errList
}

// specialWeekday reads L, which is the last value, nL and n#k.
func specialWeekday(r rule, text string) (field, error) {
	const nthMax = 5
	weekday, nth, numbered := strings.Cut(text, "#")
	before, last := strings.CutSuffix(text, "L")
	switch {
	case text == "L":
		return field{values: []int{r.max - r.zero}}, nil
	case last:
		n, err := r.value(before)
		return field{special: special{kind: lastWeekday, n: n - r.zero}}, err
	case numbered:
		n, err := r.value(weekday)
		if err != nil {
			return field{}, err
		}
		k, err := number(nth, 1, nthMax)
		return field{special: special{kind: nthWeekday, n: n - r.zero, nth: k}}, err
	}
	return field{}, errList
}
