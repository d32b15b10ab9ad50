package house_test

import (
	"path"
	"regexp"
	"strings"
	"testing"
)

var (
	testFunction = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
	testInPage   = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z]\\w+)`")
	roomInPage   = regexp.MustCompile("`((?:internal|cmd)/[a-z0-9/]+)`")
)

// TestPages has every page name only tests and packages that there are: a page that
// says what is shown must not outlive what shows it.
func TestPages(t *testing.T) {
	t.Parallel()
	there := make(map[string]bool)
	pages := make(map[string]string)
	walk(t, func(file string, text []byte) {
		there[path.Dir(file)] = true
		switch {
		case strings.HasSuffix(file, "_test.go"):
			for _, match := range testFunction.FindAllSubmatch(text, -1) {
				there[string(match[1])] = true
			}
		case path.Ext(file) == ".md":
			pages[file] = string(text)
		}
	})
	for file, text := range pages {
		for _, names := range []*regexp.Regexp{testInPage, roomInPage} {
			for _, match := range names.FindAllStringSubmatch(text, -1) {
				if !there[match[1]] {
					t.Errorf("%s names %s, which there is not", file, match[1])
				}
			}
		}
	}
}
