package payload_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"heddle/internal/payload"
)

// TestRefusedQueries reads testdata/refused.txt. Every query stands above a
// line that points at its fault and begins with the message.
func TestRefusedQueries(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/refused.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		checkRefused(t, lines[i], lines[i+1])
	}
}

// TestRefusedBytes has what can not be shown in a text file.
func TestRefusedBytes(t *testing.T) {
	t.Parallel()
	tests := []struct{ query, want string }{
		{"", "^ a query begins with $"},
		{" $", "^ a query begins with $"},
		{"$ ", " ^ expected the end, or a segment"},
		{"$.a\n", "   ^ expected the end, or a segment"},
		{"$\u00a0.a", " ^ expected the end, or a segment"},
		{"$[\v'a']", "  ^ expected a selector"},
		{"$.a\x00", "   ^ expected the end, or a segment"},
		{"$['\x00']", `   ^ a string has control characters only in escaped form, as in \u0000`},
		{"$[\"a\nb\"]", `    ^ a string has control characters only in escaped form, as in \u000a`},
		{"$.\xff", "  ^ a query must be valid UTF-8"},
		{"$['\xed\xa0\x80']", "   ^ a query must be valid UTF-8"},
		{"$[?match(@,'" + strings.Repeat("a", 1025) + "')]", "           ^ the regular expression is too large"},
		{"$[?" + strings.Repeat("match(@,'a{900}') || ", 30) + "@]", strings.Repeat(" ", 3+20*21+8) + "^ the regular expressions of this query are too large together"},
	}
	for _, test := range tests {
		checkRefused(t, test.query, test.want)
	}
}

func checkRefused(t *testing.T, query, want string) {
	t.Helper()
	_, err := payload.Compile(query)
	var fault *payload.SyntaxError
	if !errors.As(err, &fault) {
		t.Errorf("Compile(%q) = %v, want a syntax error", query, err)
		return
	}
	got := strings.Repeat(" ", fault.Offset) + "^ " + fault.Message
	if !strings.HasPrefix(got, want) {
		t.Errorf("Compile(%q)\n got %s\nwant %s", query, got, want)
	}
}
