package payload

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// integerMax is the largest index: the integers up to it are exact in every
// JSON implementation (I-JSON, RFC 7493).
const integerMax = 1<<53 - 1

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// digits moves past digits and returns them.
func (p *parser) digits() string {
	first := p.at
	for isDigit(p.next()) {
		p.at++
	}
	return p.text[first:p.at]
}

// optionalInteger reads an integer, or returns nil if there is none.
func (p *parser) optionalInteger() (*int64, error) {
	first := p.at
	negative := p.take("-")
	digits := p.digits()
	switch {
	case digits == "" && !negative:
		return nil, nil
	case digits == "":
		return nil, p.fault("expected digits right after -")
	case digits[0] == '0' && (negative || len(digits) > 1):
		return nil, p.faultAt(first, "an integer is 0, or has no leading 0; -0 is none")
	}
	n, err := strconv.ParseInt(p.text[first:p.at], 10, 64)
	if err != nil || n > integerMax || n < -integerMax {
		return nil, p.faultAt(first, "an integer lies between -%d and %d", integerMax, integerMax)
	}
	return &n, nil
}

// number reads a number as JSON has them, which may be -0 here.
func (p *parser) number() (*Value, error) {
	first := p.at
	p.take("-")
	whole := p.digits()
	if whole == "" || whole[0] == '0' && len(whole) > 1 {
		return nil, p.faultAt(first, "a number begins with 0, or with another digit, or with one of these after -")
	}
	if p.take(".") && p.digits() == "" {
		return nil, p.fault("expected digits after the decimal point")
	}
	if p.take("e") || p.take("E") {
		if !p.take("-") {
			p.take("+")
		}
		if p.digits() == "" {
			return nil, p.fault("expected the digits of the exponent")
		}
	}
	return &Value{kind: Number, text: p.text[first:p.at]}, nil
}

// name reads a name as it may follow a dot, or returns "" if there is none.
func (p *parser) name() string {
	first := p.at
	for c := p.next(); ; c = p.next() {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
		if !letter && !(isDigit(c) && p.at > first) {
			return p.text[first:p.at]
		}
		p.at++
	}
}

// word reads the name of a function, or true, false or null.
func (p *parser) word() string {
	first := p.at
	for c := p.next(); ; c = p.next() {
		letter := 'a' <= c && c <= 'z'
		if !letter && !((isDigit(c) || c == '_') && p.at > first) {
			return p.text[first:p.at]
		}
		p.at++
	}
}

// string reads a string in single or double quotes.
func (p *parser) string() (string, error) {
	first, quote := p.at, p.next()
	p.at++
	var b strings.Builder
	for {
		switch c := p.next(); {
		case p.at == len(p.text):
			return "", p.faultAt(first, "the string has no closing %c", quote)
		case c == quote:
			p.at++
			return b.String(), nil
		case c == '\\':
			r, err := p.escape(quote)
			if err != nil {
				return "", err
			}
			b.WriteRune(r)
		case c < ' ':
			return "", p.fault(`a string has control characters only in escaped form, as in \u%04x`, c)
		default:
			b.WriteByte(c)
			p.at++
		}
	}
}

// escape reads an escape sequence. Either quote may be escaped only inside a
// pair of its own kind.
func (p *parser) escape(quote byte) (rune, error) {
	first := p.at
	p.at++
	c := p.next()
	p.at++
	switch c {
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case '/', '\\', quote:
		return rune(c), nil
	case 'u':
		return p.unicodeEscape(first)
	default:
		return 0, p.faultAt(first, `expected one of \b \f \n \r \t \/ \\ \%c, or \u and four hexadecimal digits`, quote)
	}
}

// unicodeEscape reads the digits of a \u escape, and if they are a high
// surrogate, the low one that must follow.
func (p *parser) unicodeEscape(first int) (rune, error) {
	r, err := p.hexadecimal(first)
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if p.take(`\u`) {
		low, err := p.hexadecimal(first)
		if err != nil {
			return 0, err
		}
		if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
			return r, nil
		}
	}
	return 0, p.faultAt(first, `a surrogate needs its other half: a high one, \ud800 to \udbff, then a low one, \udc00 to \udfff`)
}

func (p *parser) hexadecimal(first int) (rune, error) {
	digits := p.text[p.at:min(p.at+4, len(p.text))]
	n, err := strconv.ParseUint(digits, 16, 16)
	if err != nil || len(digits) < 4 {
		return 0, p.faultAt(first, `expected four hexadecimal digits after \u`)
	}
	p.at += len(digits)
	return rune(n), nil
}
