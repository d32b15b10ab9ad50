package definition

import (
	"fmt"
	"slices"
	"strings"
)

// EventExpression is an event name, or events joined by "and" or "or": exactly
// one of Name, And and Or is set.
type EventExpression struct {
	Name string
	And  []EventExpression
	Or   []EventExpression
}

// Names returns the events that the expression names, each once, in its order.
func (x EventExpression) Names() []string {
	var names []string
	seen := map[string]bool{}
	x.eachName(func(name string) {
		if !seen[name] {
			names = append(names, name)
		}
		seen[name] = true
	})
	return names
}

func (x EventExpression) eachName(visit func(string)) {
	if x.Name != "" {
		visit(x.Name)
	}
	for _, inner := range slices.Concat(x.And, x.Or) {
		inner.eachName(visit)
	}
}

const (
	wordAnd = "and"
	wordOr  = "or"
)

// parseExpression reads an event-expression:
//
//	expression = term   { "or" term }
//	term       = factor { "and" factor }
//	factor     = name | "(" expression ")"
func parseExpression(text string) (EventExpression, error) {
	spaced := strings.NewReplacer("(", " ( ", ")", " ) ").Replace(text)
	p := &expressionParser{words: strings.Fields(spaced)}
	x := p.expression(0)
	if len(p.words) > 0 {
		p.fail("%s is unexpected; join event names by and, or", quoted(p.words[0]))
	}
	return x, p.err
}

type expressionParser struct {
	words []string // still to be read; none after a failure
	err   error
}

func (p *expressionParser) expression(depth int) EventExpression {
	or := []EventExpression{p.term(depth)}
	for p.accept(wordOr) {
		or = append(or, p.term(depth))
	}
	if len(or) == 1 {
		return or[0]
	}
	return EventExpression{Or: or}
}

func (p *expressionParser) term(depth int) EventExpression {
	and := []EventExpression{p.factor(depth)}
	for p.accept(wordAnd) {
		and = append(and, p.factor(depth))
	}
	if len(and) == 1 {
		return and[0]
	}
	return EventExpression{And: and}
}

func (p *expressionParser) factor(depth int) EventExpression {
	if p.accept("(") {
		if depth == ExpressionDepthMax {
			p.fail("parentheses are nested deeper than %d", ExpressionDepthMax)
		}
		x := p.expression(depth + 1)
		if !p.accept(")") {
			p.fail("a closing parenthesis is missing")
		}
		return x
	}
	if len(p.words) == 0 {
		p.fail("an event name is missing at the end")
		return EventExpression{}
	}
	word := p.words[0]
	if word == ")" || word == wordAnd || word == wordOr {
		p.fail("an event name is missing before %s", quoted(word))
		return EventExpression{}
	}
	p.words = p.words[1:]
	return EventExpression{Name: word}
}

// accept takes the next word if it is the wanted one.
func (p *expressionParser) accept(want string) bool {
	if len(p.words) == 0 || p.words[0] != want {
		return false
	}
	p.words = p.words[1:]
	return true
}

// fail keeps the first failure and ends the reading.
func (p *expressionParser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
	p.words = nil
}
