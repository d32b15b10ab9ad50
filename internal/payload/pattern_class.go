package payload

import (
	"fmt"
	"strings"
)

// class reads a character class, from behind its opening bracket. A hyphen
// stands for itself at either end, and makes a range between two characters.
func (p *patternParser) class() error {
	p.out.WriteByte('[')
	if p.take('^') {
		p.out.WriteByte('^')
	}
	empty := true
	if p.take('-') {
		p.out.WriteString(`\-`)
		empty = false
	}
	for !p.take(']') {
		switch {
		case p.at == len(p.text):
			return errNotPattern
		case !empty && strings.HasPrefix(p.text[p.at:], "-]"):
			p.at++
			p.out.WriteString(`\-`)
			continue
		}
		if err := p.classPart(); err != nil {
			return err
		}
		empty = false
	}
	p.out.WriteByte(']')
	if empty {
		return errNotPattern
	}
	return nil
}

// classPart reads a category, a character or a range of characters.
func (p *patternParser) classPart() error {
	rest := p.text[p.at:]
	if strings.HasPrefix(rest, `\p{`) || strings.HasPrefix(rest, `\P{`) {
		return p.category()
	}
	low, err := p.classCharacter()
	if err != nil {
		return err
	}
	fmt.Fprintf(&p.out, `\x{%X}`, low)
	if !strings.HasPrefix(p.text[p.at:], "-") || strings.HasPrefix(p.text[p.at:], "-]") {
		return nil
	}
	p.at++
	high, err := p.classCharacter()
	if err != nil || high < low {
		return errNotPattern
	}
	fmt.Fprintf(&p.out, `-\x{%X}`, high)
	return nil
}

func (p *patternParser) classCharacter() (rune, error) {
	if p.at == len(p.text) || strings.IndexByte("-[]", p.text[p.at]) >= 0 {
		return 0, errNotPattern
	}
	return p.character()
}

// categories are the Unicode categories that \p{} and \P{} may name, by their
// first letters: each alone, or with one of the letters after it.
var categories = map[byte]string{
	'L': "lmotu",
	'M': "cen",
	'N': "dlo",
	'P': "cdefios",
	'Z': "lps",
	'S': "ckmo",
	'C': "cfno",
}

// category reads \p{…} or \P{…}.
func (p *patternParser) category() error {
	escape := p.text[p.at : p.at+len(`\p{`)]
	name, _, closed := strings.Cut(p.text[p.at+len(escape):], "}")
	known := len(name) == 1 || len(name) == 2
	if known {
		var minor string
		minor, known = categories[name[0]]
		known = known && strings.Contains(minor, name[1:])
	}
	if !closed || !known {
		return errNotPattern
	}
	p.at += len(escape) + len(name) + len("}")
	p.categories++
	p.out.WriteString(escape + name + "}")
	return nil
}
