package definition_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"heddle/internal/definition"
	"heddle/internal/payload"
)

// TestDocs checks that the samples of the language's page are valid, and that
// the page explains every code.
func TestDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/definition-language.md")
	if err != nil {
		t.Fatal(err)
	}
	definitions := 0
	for _, sample := range regexp.MustCompile("(?s)\n```json\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		text := sample[1]
		value, err := payload.Parse(text, definition.DepthMax)
		if err != nil {
			t.Errorf("%v in the sample\n%s", err, text)
		} else if value.Member("states") != nil {
			parse(t, text)
			definitions++
		}
	}
	if definitions == 0 {
		t.Error("the page has no sample definition")
	}
	for _, code := range languageCodes() {
		if !strings.Contains(string(page), "`"+code+"`") {
			t.Errorf("the page does not explain %s", code)
		}
	}
}
