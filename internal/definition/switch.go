package definition

// Switch goes to the state of the first choice that holds.
type Switch struct {
	Choices []Choice
	Default string // empty if there is none
}

// Choice leads to Next if its rule holds.
type Choice struct {
	Rule Rule
	Next string
}

// Type returns SWITCH.
func (*Switch) Type() Type { return TypeSwitch }

var switchKind = kind{TypeSwitch, passing("choices", "default"), parseSwitch}

func parseSwitch(o *object) Body {
	s := &Switch{}
	o.requireSome("choices", codeChoices)
	for _, n := range o.list("choices") {
		s.Choices = append(s.Choices, o.c.readChoice(n))
	}
	s.Default = o.link("default", codeSwitchDefault)
	return s
}

func (c *checker) readChoice(n *node) Choice {
	o := c.object(n, codeChoiceEmpty, append(ruleFields(n), "next-state"))
	if o == nil {
		return Choice{}
	}
	o.require("next-state", codeChoiceNext)
	return Choice{Rule: o.rule(0), Next: o.link("next-state", codeChoiceNext)}
}
