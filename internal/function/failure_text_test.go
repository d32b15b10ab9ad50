package function_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"heddle/internal/function"
)

func TestFailureText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		failure function.Failure
		want    string
	}{
		{function.Failure{Message: "no answer"}, "no answer"},
		{function.Failure{Message: "x is null", Type: "TypeError"}, "TypeError: x is null"},
		{
			function.Failure{Message: "x is null", Type: "TypeError", Stack: "at handler (index.js:3:9)"},
			"TypeError: x is null\nat handler (index.js:3:9)",
		},
	} {
		if got := c.failure.Text(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestFailureTextIsBounded(t *testing.T) {
	t.Parallel()
	f := function.Failure{Message: "m", Stack: strings.Repeat("栈", 4000)}
	if got := f.Text(); len(got) > 4<<10+len("…") || !utf8.ValidString(got) || !strings.HasSuffix(got, "栈…") {
		t.Errorf("got %d bytes: %q", len(got), got[len(got)-12:])
	}
}
