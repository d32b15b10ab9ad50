package house_test

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// moduleRow is a row of docs/dependencies.md: a module, its licence, and what more is
// said of it.
var moduleRow = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ([^|]+) \\| (.+) \\|$")

// licences may be taken without asking.
var licences = []string{"MIT", "Apache-2.0", "BSD-3-Clause"}

// TestModules has docs/dependencies.md name each module that go.mod does, and no other:
// that there is one more does not go unnoticed. What is wanted has its reasons there,
// the rest is said to come with it. No module anywhere stands in for another one.
func TestModules(t *testing.T) {
	t.Parallel()
	var rows [][]string
	required := make(map[string]bool) // to whether it is wanted for itself
	walk(t, func(file string, text []byte) {
		switch {
		case file == "docs/dependencies.md":
			for _, match := range moduleRow.FindAllSubmatch(text, -1) {
				rows = append(rows, []string{string(match[1]), string(match[2]), string(match[3])})
			}
		case path.Base(file) == "go.mod":
			mod, err := modfile.Parse(file, text, nil)
			if err != nil {
				t.Error(err)
				return
			}
			for _, r := range mod.Replace {
				t.Errorf("%s replaces %s: nobody would get what was reviewed", file, r.Old)
			}
			if file != "go.mod" {
				return
			}
			for _, r := range mod.Require {
				ofTool := func(tool *modfile.Tool) bool { return below(tool.Path, r.Mod.Path) }
				required[r.Mod.Path] = !r.Indirect || slices.ContainsFunc(mod.Tool, ofTool)
			}
		}
	})
	named := make(map[string]bool)
	for _, row := range rows {
		module, licence, more := row[0], row[1], row[2]
		named[module] = true
		wanted, is := required[module]
		switch reasons := strings.Count(more, " | ") == 1; {
		case !is:
			t.Errorf("docs/dependencies.md names %s, which go.mod does not", module)
		case wanted != reasons:
			t.Errorf("docs/dependencies.md says of %s %q, and that it is wanted for itself is %t", module, more, wanted)
		}
		for part := range strings.SplitSeq(licence, " AND ") {
			if !slices.Contains(licences, part) {
				t.Errorf("%s has the licence %s; %s are taken", module, part, strings.Join(licences, ", "))
			}
		}
	}
	for module := range required {
		if !named[module] {
			t.Errorf("docs/dependencies.md does not name %s, which go.mod does", module)
		}
	}
}
