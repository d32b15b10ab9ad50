package payload

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// parser reads a query. What it reads follows the grammar of RFC 9535 name by
// name, white space included; types are checked as soon as a term is used.
type parser struct {
	text        string
	at          int
	nesting     int // of filters, parentheses and calls
	patternCost int // of the regular expressions so far
}

// nestingMax bounds the parser's recursion, and with it that of evaluation.
const nestingMax = 64

func parseQuery(text string) (*query, error) {
	p := &parser{text: text}
	for i, r := range text {
		if _, width := utf8.DecodeRuneInString(text[i:]); r == utf8.RuneError && width == 1 {
			return nil, p.faultAt(i, "a query must be valid UTF-8")
		}
	}
	if !p.take("$") {
		return nil, p.fault("a query begins with $")
	}
	q := &query{}
	if err := p.segments(q); err != nil {
		return nil, err
	}
	if p.at < len(text) {
		return nil, p.fault("expected the end, or a segment: .name, ..name or [selector]")
	}
	return q, nil
}

// segments reads the segments of a query, and leaves white space behind the
// last one alone.
func (p *parser) segments(q *query) error {
	for {
		end := p.at
		p.skipBlank()
		var s segment
		var err error
		switch {
		case p.take(".."):
			s.descendants = true
			s.selectors, err = p.shorthand(q)
		case p.take("."):
			if p.next() == '[' {
				return p.fault("after a dot comes a name or *, and no bracket")
			}
			s.selectors, err = p.shorthand(q)
		case p.next() == '[':
			s.selectors, err = p.brackets(q)
		default:
			p.at = end
			return nil
		}
		if err != nil {
			return err
		}
		q.segments = append(q.segments, s)
	}
}

// shorthand reads what may follow one dot or two: a name, * or brackets.
func (p *parser) shorthand(q *query) ([]selector, error) {
	switch {
	case p.take("*"):
		return []selector{wildcardSelector{}}, nil
	case p.next() == '[':
		return p.brackets(q)
	}
	name := p.name()
	if name == "" {
		return nil, p.fault("expected * or a name right after the dot: letters, digits and _, no digit first; other names go in ['quotes']")
	}
	return []selector{nameSelector(name)}, nil
}

// brackets reads selectors in brackets.
func (p *parser) brackets(q *query) ([]selector, error) {
	var selectors []selector
	p.take("[")
	for {
		q.blank = p.skipBlank() || q.blank
		s, err := p.selector()
		if err != nil {
			return nil, err
		}
		selectors = append(selectors, s)
		q.blank = p.skipBlank() || q.blank
		switch _, filter := s.(filterSelector); {
		case p.take("]"):
			return selectors, nil
		case p.take(","):
		case filter:
			return nil, p.fault("expected one of == != < <= > >= && ||, or the end of the filter: , or ]")
		default:
			return nil, p.fault("expected , or ] after a selector")
		}
	}
}

func (p *parser) selector() (selector, error) {
	switch c := p.next(); {
	case c == '*':
		p.at++
		return wildcardSelector{}, nil
	case c == '\'' || c == '"':
		name, err := p.string()
		return nameSelector(name), err
	case c == '?':
		return p.filter()
	case c == ':' || c == '-' || isDigit(c):
		return p.indexOrSlice()
	default:
		return nil, p.fault("expected a selector: a name in quotes, *, an index, a slice as in 1:3, or ? and a filter")
	}
}

// indexOrSlice reads an index, or a slice: start:end:step, with any of the
// three left out.
func (p *parser) indexOrSlice() (selector, error) {
	start, err := p.optionalInteger()
	if err != nil {
		return nil, err
	}
	if !p.operator(":") {
		return indexSelector(*start), nil
	}
	s := sliceSelector{start: start, step: 1}
	if s.end, err = p.optionalInteger(); err != nil {
		return nil, err
	}
	if p.operator(":") {
		step, err := p.optionalInteger()
		if err != nil {
			return nil, err
		}
		if step != nil {
			s.step = *step
		}
	}
	return s, nil
}

func (p *parser) filter() (selector, error) {
	p.take("?")
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	p.skipBlank()
	c, err := p.or()
	return filterSelector{c}, err
}

// next returns the next byte, or 0 at the end.
func (p *parser) next() byte {
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// take moves past the token if it comes next.
func (p *parser) take(token string) bool {
	if !strings.HasPrefix(p.text[p.at:], token) {
		return false
	}
	p.at += len(token)
	return true
}

// operator moves past the token and the white space around it if it comes
// next; else it moves past nothing.
func (p *parser) operator(token string) bool {
	before := p.at
	p.skipBlank()
	if !p.take(token) {
		p.at = before
		return false
	}
	p.skipBlank()
	return true
}

// skipBlank moves past white space, and reports whether there was any.
func (p *parser) skipBlank() bool {
	rest := strings.TrimLeft(p.text[p.at:], " \t\n\r")
	skipped := len(p.text) - len(rest) - p.at
	p.at += skipped
	return skipped > 0
}

// enter counts a level of nesting, which leave takes back.
func (p *parser) enter() error {
	if p.nesting++; p.nesting > nestingMax {
		return p.fault("filters, parentheses and calls are nested deeper than %d", nestingMax)
	}
	return nil
}

func (p *parser) leave() { p.nesting-- }

func (p *parser) fault(format string, arguments ...any) error {
	return p.faultAt(p.at, format, arguments...)
}

func (p *parser) faultAt(offset int, format string, arguments ...any) error {
	return &SyntaxError{Offset: offset, Message: fmt.Sprintf(format, arguments...)}
}
