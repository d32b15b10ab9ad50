package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

var (
	testFunction = regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	testInText   = regexp.MustCompile("`(Test\\w+)`")
)

// docs/faults.md names every test that does its harm often for make chaos, and
// none that there is not.
func TestDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	var named, there []string
	for _, match := range testInText.FindAllSubmatch(page, -1) {
		named = append(named, string(match[1]))
	}
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range testFunction.FindAllSubmatch(source, -1) {
			name := string(match[1])
			there = append(there, name)
			if regexp.MustCompile(`[^.]amount\(`).Match(source) && !slices.Contains(named, name) {
				t.Errorf("%s of %s is not in docs/faults.md", name, file)
			}
		}
	}
	for _, name := range named {
		if !slices.Contains(there, name) {
			t.Errorf("docs/faults.md names %s, which there is not", name)
		}
	}
}
