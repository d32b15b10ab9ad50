package e2e

import (
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// phrases are what licences can be told by.
var phrases = map[string]string{
	"Apache-2.0":                            "Apache License",
	"BSD-3-Clause":                          "be used to endorse or promote",
	"MIT":                                   "Permission is hereby granted, free of charge",
	"one with conditions of its own":        "Permission to use, copy, modify",
	"the GPL, the LGPL or the AGPL":         "GENERAL PUBLIC LICENSE",
	"the MPL":                               "Mozilla Public License",
	"one that forbids some kinds of use":    "Business Source License",
	"one that asks for the source of users": "Server Side Public License",
}

// licenceFile is the name of a file with the licence of a whole module; others say
// under which licences its parts came to it.
var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying)(\.txt|\.md)?$`)

// licencesOf returns the licences in a module's directory, sorted.
func licencesOf(t *testing.T, dir string) []string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range files {
		if !licenceFile.MatchString(file.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Join(strings.Fields(string(text)), " ")
		for licence, phrase := range phrases {
			if strings.Contains(words, phrase) && !slices.Contains(found, licence) {
				found = append(found, licence)
			}
		}
	}
	slices.Sort(found)
	return found
}

// TestModulesOfTheBinary looks up each module that the binary says it is made of in
// docs/dependencies.md, among those in the binary, and compares its licence there with
// the files that the module came with.
func TestModulesOfTheBinary(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	inBinary, _, found := strings.Cut(string(page), "## In tests and checks")
	if !found {
		t.Fatal("docs/dependencies.md has no part about tests and checks")
	}
	said := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ([^|]+) \\|").FindAllStringSubmatch(inBinary, -1) {
		said[row[1]] = row[2]
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	dirs, err := exec.Command("go", "list", "-m", "-f", "{{.Path}} {{.Dir}}", "all").Output()
	if err != nil {
		t.Fatal(err)
	}
	dirOf := map[string]string{}
	for line := range strings.Lines(string(dirs)) {
		module, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
		dirOf[module] = dir
	}
	if len(info.Deps) < 20 {
		t.Errorf("the binary says that it is made of %d modules", len(info.Deps))
	}
	for _, m := range info.Deps {
		if m.Replace != nil || m.Sum == "" {
			t.Errorf("%s is not what it is called", m.Path)
		}
		licence, ok := said[m.Path]
		if !ok {
			t.Errorf("docs/dependencies.md does not name %s among what is in the binary", m.Path)
			continue
		}
		want := strings.Split(licence, " AND ")
		slices.Sort(want)
		if got := licencesOf(t, dirOf[m.Path]); !slices.Equal(got, want) {
			t.Errorf("docs/dependencies.md says that the licence of %s is %s; its files have %s", m.Path, licence, strings.Join(got, " AND "))
		}
	}
}
