package definition_test

import (
	"testing"

	"heddle/internal/definition"
)

func TestLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text         string
		offset       int
		line, column int
	}{
		{"", 0, 1, 1},
		{"abc", 0, 1, 1},
		{"abc", 2, 1, 3},
		{"abc", 3, 1, 4},
		{"abc", 99, 1, 4},
		{"abc", -1, 1, 1},
		{"a\nbc", 1, 1, 2},
		{"a\nbc", 2, 2, 1},
		{"a\r\n\r\nbc", 6, 3, 2},
		{"名前: x", len("名前: "), 1, 5},
		{"\xff\xfex", 2, 1, 3},
	} {
		line, column := definition.Line(tt.text, tt.offset)
		if line != tt.line || column != tt.column {
			t.Errorf("Line(%q, %d): got %d:%d, want %d:%d", tt.text, tt.offset, line, column, tt.line, tt.column)
		}
	}
}
