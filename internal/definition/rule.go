package definition

import "heddle/internal/payload"

// Rule is a condition on the state's input: exactly one of Not, And, Or and
// Path is set.
type Rule struct {
	Not *Rule
	And []Rule
	Or  []Rule

	Path     *payload.Path
	Operator Operator
	Value    *payload.Value // a number, a string or a boolean
}

// Operator compares what a rule's path selects with the rule's value.
type Operator string

// The operators. Those without Str compare numbers by value (EQ also
// booleans), those with it compare strings by code point.
const (
	OperatorEQ      Operator = "EQ"
	OperatorLT      Operator = "LT"
	OperatorLTEQ    Operator = "LTEQ"
	OperatorGT      Operator = "GT"
	OperatorGTEQ    Operator = "GTEQ"
	OperatorStrEQ   Operator = "StrEQ"
	OperatorStrLT   Operator = "StrLT"
	OperatorStrLTEQ Operator = "StrLTEQ"
	OperatorStrGT   Operator = "StrGT"
	OperatorStrGTEQ Operator = "StrGTEQ"
)

// ruleFields returns the fields of the form of rule that n has: Not, And or Or
// (also slightly misspelled), or else a comparison.
func ruleFields(n *node) []string {
	for _, m := range n.value.Members() {
		if form := near(m.Name, []string{"Not", "And", "Or"}); form != "" {
			return []string{form}
		}
	}
	return []string{"path", "value", "operator"}
}

// rule reads the rule that the object is. depth counts the And, Or and Not
// around it.
func (o *object) rule(depth int) Rule {
	if !o.has("Not") && !o.has("And") && !o.has("Or") {
		return o.comparison()
	}
	if depth == RuleDepthMax {
		o.c.report(codeField, o.node, "And, Or and Not are nested deeper than %d", RuleDepthMax)
		return Rule{}
	}
	r := Rule{And: o.rules("And", depth+1), Or: o.rules("Or", depth+1)}
	if n := o.fields["Not"]; n != nil {
		inner := o.c.innerRule(n, depth+1)
		r.Not = &inner
	}
	return r
}

func (o *object) rules(name string, depth int) []Rule {
	if !o.has(name) {
		return nil
	}
	o.requireSome(name, codeChoiceEmpty)
	var rules []Rule
	for _, n := range o.list(name) {
		rules = append(rules, o.c.innerRule(n, depth))
	}
	return rules
}

func (c *checker) innerRule(n *node, depth int) Rule {
	o := c.object(n, codeChoiceEmpty, ruleFields(n))
	if o == nil {
		return Rule{}
	}
	return o.rule(depth)
}

// comparison reads a rule without And, Or and Not. A value that its operator
// never compares is no fault: the rule is false.
func (o *object) comparison() Rule {
	o.require("path", codeChoicePath)
	o.require("value", codeChoiceValue)
	r := Rule{
		Path:     o.path("path", codeChoicePath),
		Operator: OperatorEQ,
		Value:    o.scalar("value", codeChoiceValue),
	}
	switch {
	case o.has("operator"):
		r.Operator = oneOf(o, "operator", codeField,
			OperatorEQ, OperatorLT, OperatorLTEQ, OperatorGT, OperatorGTEQ,
			OperatorStrEQ, OperatorStrLT, OperatorStrLTEQ, OperatorStrGT, OperatorStrGTEQ)
	case r.Value != nil && r.Value.Kind() == payload.String:
		r.Operator = OperatorStrEQ
	}
	return r
}

// scalar reads a number, a string or a boolean; nullCode is the code for null.
func (o *object) scalar(name, nullCode string) *payload.Value {
	n := o.fields[name]
	if n == nil {
		return nil
	}
	switch n.value.Kind() {
	case payload.Null:
		o.c.report(nullCode, n, "%s is null; it must be a number, a string or a boolean", name)
	case payload.Array, payload.Object:
		o.c.reportIn(phaseTypes, codeField, n, n.value.Offset(),
			name+" is "+kindName(n.value.Kind())+"; it must be a number, a string or a boolean")
	}
	return n.value
}
