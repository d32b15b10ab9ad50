package payload

// match holds if a string matches a regular expression: the whole of it, or
// some part of it for search. It does not hold if either is no string, or if
// the expression is not one of RFC 9485.
type match struct {
	subject, pattern operand
	whole            bool
	fixed            *pattern // the expression, if it stands in the query; else nil
}

func callMatch(p *parser, arguments []term) (term, error) {
	return p.matchOf(arguments, true)
}

func callSearch(p *parser, arguments []term) (term, error) {
	return p.matchOf(arguments, false)
}

// matchOf makes the condition of match and search. An expression that stands
// in the query is compiled here and now.
func (p *parser) matchOf(arguments []term, whole bool) (term, error) {
	m := match{subject: arguments[0].operand, pattern: arguments[1].operand, whole: whole}
	if l, ok := m.pattern.(literal); ok && l.constant.kind == String {
		fixed, err := compilePattern(l.constant.str, whole)
		if err != nil {
			return term{}, p.faultAt(arguments[1].offset, "the regular expression is too large: %v", err)
		}
		if p.patternCost += fixed.cost; p.patternCost > patternCostMax {
			return term{}, p.faultAt(arguments[1].offset, "the regular expressions of this query are too large together")
		}
		m.fixed = fixed
	}
	return term{condition: m}, nil
}

func (m match) holds(e *evaluation, current *Value) bool {
	subject, expression := m.subject.value(e, current), m.pattern.value(e, current)
	if !e.spend(1) || subject == nil || subject.kind != String || expression == nil || expression.kind != String {
		return false
	}
	if m.fixed != nil {
		return e.matches(m.fixed, subject.str)
	}
	// One expression from the payload is mostly tried on many elements.
	if e.pattern == nil || e.pattern.text != expression.str || e.pattern.whole != m.whole {
		if !e.compile(expression.str, m.whole) {
			return false
		}
	}
	return e.matches(e.pattern, subject.str)
}

// compile reads a regular expression of the payload into e.pattern.
func (e *evaluation) compile(text string, whole bool) bool {
	p, err := compilePattern(text, whole)
	if err != nil {
		e.steps = -1
		return false
	}
	e.pattern = p
	return e.spend(p.cost)
}

// matches runs a compiled expression over a text. It costs a step for every
// byte, and another one for every 16 parts of the expression: an engine
// without backtracking takes time in the product of the two.
func (e *evaluation) matches(p *pattern, subject string) bool {
	if p.expression == nil || !e.spend((1+len(subject))*(1+p.size/16)) {
		return false
	}
	return p.expression.MatchString(subject)
}
