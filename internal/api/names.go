package api

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of texts in requests. Lengths count Unicode code points.
const (
	graphNameMax     = 64
	descriptionMax   = 256
	executionNameMax = 80
	inputMax         = 32768
)

const (
	letters       = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lettersDigits = letters + "0123456789"
	nameSigns     = lettersDigits + "-_"
)

// consistsOf reports whether text has no character but those of set.
func consistsOf(text, set string) bool {
	return strings.Trim(text, set) == ""
}

func checkGraphName(name string) error {
	switch {
	case name == "":
		return refuse(codeGraphName, "graph_name must not be empty")
	case !consistsOf(name, nameSigns) || !consistsOf(name[:1], lettersDigits):
		return refuse(codeGraphName, "graph_name %q must be letters, digits, '-' and '_', and begin with a letter or digit", name)
	case len(name) > graphNameMax:
		return refuse(codeGraphNameLength, "graph_name has %d characters, at most %d are allowed", len(name), graphNameMax)
	}
	return nil
}

// checkDescription refuses the description of a graph or a timer with the code.
func checkDescription(description, code string) error {
	const signs = lettersDigits + ",.:-_ "
	n := utf8.RuneCountInString(description)
	switch {
	case n > descriptionMax:
		return refuse(code, "description has %d characters, at most %d are allowed", n, descriptionMax)
	case !consistsOf(description, signs):
		return refuse(code, "description may hold letters, digits, blanks and , . : - _ only")
	}
	return nil
}

func checkExecutionName(name string) error {
	n := utf8.RuneCountInString(name)
	if n < 1 || n > executionNameMax {
		return refuse(codeExecutionName, "execution_name has %d characters, it must have 1 to %d", n, executionNameMax)
	}
	if sign, ok := forbiddenSign(name); ok {
		return refuse(codeExecutionName, "execution_name must not contain %q", sign)
	}
	return nil
}

// forbiddenSign returns the first character of name that the name of an
// execution must not have.
func forbiddenSign(name string) (rune, bool) {
	i := strings.IndexFunc(name, func(c rune) bool {
		return unicode.IsSpace(c) || unicode.IsControl(c) || strings.ContainsRune("<>{}[]?*\"#%\\^|~`$&,;:/", c)
	})
	if i < 0 {
		return 0, false
	}
	sign, _ := utf8.DecodeRuneInString(name[i:])
	return sign, true
}
