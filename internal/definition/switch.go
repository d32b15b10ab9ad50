package definition

import "heddle/internal/payload"

// Switch goes to the state of the first choice that holds.
type Switch struct {
	Choices []Choice
	Default string // empty if there is none
}

// Type returns SWITCH.
func (*Switch) Type() Type { return TypeSwitch }

func (s *Switch) targets() []string {
	var names []string
	for _, c := range s.Choices {
		names = append(names, c.Next)
	}
	if s.Default != "" {
		names = append(names, s.Default)
	}
	return names
}

// Choice leads to Next if its rule holds.
type Choice struct {
	Rule Rule
	Next string
}

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
