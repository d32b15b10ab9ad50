package definition

import (
	"strings"
	"unicode/utf8"
)

// Line returns where in a text a byte offset lies: its line, and its column in
// code points, both counted from 1. An offset outside the text means its
// nearest end.
func Line(text string, offset int) (line, column int) {
	before := text[:min(max(offset, 0), len(text))]
	line = 1 + strings.Count(before, "\n")
	column = 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return line, column
}
