package payload_test

import (
	"os"
	"strings"
	"testing"

	"heddle/internal/payload"
)

// TestDocs tries every example of docs/jsonpath.md on the payload that stands
// at the page's beginning. A query is a line that begins with $; below it, and
// up to the next query, stands what it yields.
func TestDocs(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../docs/jsonpath.md")
	if err != nil {
		t.Fatal(err)
	}
	document, tried := "", 0
	for _, block := range strings.Split(string(content), "\n```")[1:] {
		language, body, _ := strings.Cut(block, "\n")
		switch language {
		case "json":
			document = body
		case "jsonpath":
			for _, example := range strings.Split("\n"+body, "\n$")[1:] {
				query, want, _ := strings.Cut("$"+example, "\n→ ")
				if got := yield(query, document); got != want {
					t.Errorf("%s\n yields %s\nthe page says %s", query, got, want)
				}
				tried++
			}
		}
	}
	if tried < 20 {
		t.Errorf("only %d examples were found", tried)
	}
}

// yield returns what a filter yields, the way the page writes it.
func yield(query, document string) string {
	p, err := payload.Compile(query)
	if err != nil {
		return "refused: " + err.Error()
	}
	got, err := p.Filter(document)
	switch err {
	case nil:
		return got
	case payload.ErrNothing:
		return "(nothing)"
	default:
		return err.Error()
	}
}
