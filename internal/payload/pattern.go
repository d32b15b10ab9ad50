package payload

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// pattern is a regular expression of RFC 9485 (I-Regexp), compiled to Go's.
type pattern struct {
	text       string
	whole      bool           // matches a text from end to end, not some part of it
	expression *regexp.Regexp // nil if the text is not such an expression: then nothing matches
	size       int            // its parts, repetitions counted: each costs time for every character matched
	cost       int            // steps to compile it
}

// Limits of a pattern.
const (
	patternLengthMax = 1024 // bytes
	patternRepeatMax = 1000 // what Go's engine allows
	patternSizeMax   = 4000 // keeps the compiled form below a megabyte
)

// Steps to compile a pattern. They are as long as other steps, that is, well
// below a microsecond: Go takes that long to set out, and that long to bring
// the hundreds of ranges of one Unicode category in order.
const (
	patternSteps   = 64
	categorySteps  = 200
	patternCostMax = 20_000 // of all patterns that stand in one query
)

var (
	errNotPattern  = errors.New("not a regular expression of RFC 9485")
	errPatternSize = fmt.Errorf("at most %d bytes, %d repetitions, and %d parts with repetitions counted",
		patternLengthMax, patternRepeatMax, patternSizeMax)
)

// compilePattern compiles an I-Regexp. A text that is none gives a pattern
// that matches nothing, as the RFC wants; the error is errPatternSize.
func compilePattern(text string, whole bool) (*pattern, error) {
	p := &pattern{text: text, whole: whole}
	if len(text) > patternLengthMax {
		return nil, errPatternSize
	}
	t := patternParser{text: text}
	size, err := t.alternatives()
	switch {
	case err == errPatternSize || size > patternSizeMax:
		return nil, errPatternSize
	case err != nil || t.at < len(text):
		return p, nil
	}
	expression := t.out.String()
	if whole {
		expression = `\A(?:` + expression + `)\z`
	}
	p.size = size
	p.cost = patternSteps + size + t.categories*categorySteps
	if p.expression, err = regexp.Compile(expression); err != nil {
		// What is left for Go to refuse is nested repetition.
		return nil, errPatternSize
	}
	return p, nil
}

// patternParser checks a text against the grammar of I-Regexp and writes the
// same expression in Go's syntax. The two differ in what the dot leaves out
// (also the carriage return), in what may be escaped, and in much that Go has
// on top. Its methods return the size of what they read.
type patternParser struct {
	text       string
	at         int
	out        strings.Builder
	categories int
}

// alternatives reads branches with | between them.
func (p *patternParser) alternatives() (int, error) {
	size, err := p.branch()
	for err == nil && p.take('|') {
		p.out.WriteByte('|')
		var more int
		more, err = p.branch()
		size += more + 1
	}
	return size, err
}

func (p *patternParser) branch() (int, error) {
	size := 0
	for p.at < len(p.text) && p.text[p.at] != '|' && p.text[p.at] != ')' {
		piece, err := p.atom()
		if err != nil {
			return 0, err
		}
		times, err := p.quantifier()
		if err != nil {
			return 0, err
		}
		if size += piece * times; size > patternSizeMax {
			return 0, errPatternSize
		}
	}
	return size, nil
}

// atom reads a character, a class or a group.
func (p *patternParser) atom() (int, error) {
	switch c := p.text[p.at]; {
	case p.take('('):
		p.out.WriteString("(?:")
		size, err := p.alternatives()
		if err == nil && !p.take(')') {
			err = errNotPattern
		}
		p.out.WriteByte(')')
		return size + 1, err
	case p.take('.'):
		p.out.WriteString(`[^\n\r]`)
	case p.take('['):
		return 1, p.class()
	case c == '^' || c == '$':
		// The grammar calls them ordinary characters, but the mapping of its
		// section 5 leaves them the anchors that they are everywhere else, and
		// so does the common test suite of JSONPath.
		p.at++
		p.out.WriteByte(c)
	case strings.IndexByte(`*+?{}]`, c) >= 0:
		return 0, errNotPattern
	case strings.HasPrefix(p.text[p.at:], `\p{`) || strings.HasPrefix(p.text[p.at:], `\P{`):
		return 1, p.category()
	default:
		r, err := p.character()
		p.out.WriteString(regexp.QuoteMeta(string(r)))
		return 1, err
	}
	return 1, nil
}

// quantifier reads what may follow an atom, and returns how often that makes
// the atom stand in the compiled form.
func (p *patternParser) quantifier() (int, error) {
	for _, c := range []byte("*+?") {
		if p.take(c) {
			p.out.WriteByte(c)
			return 1, nil
		}
	}
	if !p.take('{') {
		return 1, nil
	}
	least, err := p.number()
	if err != nil {
		return 0, err
	}
	most := least
	p.out.WriteString("{" + strconv.Itoa(least))
	if p.take(',') {
		p.out.WriteByte(',')
		if most++; p.at < len(p.text) && p.text[p.at] != '}' {
			if most, err = p.number(); err != nil {
				return 0, err
			}
			p.out.WriteString(strconv.Itoa(most))
		}
	}
	if !p.take('}') || most < least {
		return 0, errNotPattern
	}
	p.out.WriteByte('}')
	return max(1, most), nil
}

// number reads a count of repetitions.
func (p *patternParser) number() (int, error) {
	first := p.at
	for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		p.at++
	}
	if p.at == first {
		return 0, errNotPattern
	}
	n, err := strconv.Atoi(p.text[first:p.at])
	if err != nil || n > patternRepeatMax {
		return 0, errPatternSize
	}
	return n, nil
}

// character reads one that stands for itself, escaped or not.
func (p *patternParser) character() (rune, error) {
	r, width := utf8.DecodeRuneInString(p.text[p.at:])
	p.at += width
	if r != '\\' {
		return r, nil
	}
	if p.at == len(p.text) {
		return 0, errNotPattern
	}
	c := p.text[p.at]
	p.at++
	switch c {
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case '(', ')', '*', '+', '-', '.', '?', '[', '\\', ']', '^', '{', '|', '}':
		return rune(c), nil
	default:
		return 0, errNotPattern
	}
}

// take moves past the byte c if it comes next.
func (p *patternParser) take(c byte) bool {
	if p.at == len(p.text) || p.text[p.at] != c {
		return false
	}
	p.at++
	return true
}
