package examples_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"heddle/examples"
	"heddle/internal/definition"
)

func TestEveryGraphFileIsValid(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("graphs/*.json")
	if err != nil {
		t.Fatal(err)
	}
	events, err := filepath.Glob("graphs/events/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range slices.Concat(files, events) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d, problems := definition.Parse(string(text))
		for _, p := range problems {
			t.Errorf("%s: %s %s (%s)", file, p.Code, p.Message, p.Path)
		}
		if d != nil && d.HasEvents() != slices.Contains(events, file) {
			t.Errorf("%s waits for events and should stand in graphs/events, or the other way round", file)
		}
	}
}

func TestGraphsAreTheFiles(t *testing.T) {
	t.Parallel()
	var got []string
	for _, g := range examples.Graphs() {
		got = append(got, filepath.Join("graphs", g.Name+".json"))
	}
	want, err := filepath.Glob("graphs/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the graphs are %v, the files %v", got, want)
	}
}

func TestEveryFunctionThatAGraphNamesIsThere(t *testing.T) {
	t.Parallel()
	declared := map[string]bool{}
	for _, f := range examples.Functions() {
		declared[f.URN] = true
	}
	for _, g := range examples.Graphs() {
		d, _ := definition.Parse(g.Definition)
		for _, function := range d.Functions() {
			if !declared[strings.TrimSuffix(function, ":latest")] {
				t.Errorf("the graph %s calls %s, which is not among the functions", g.Name, function)
			}
		}
	}
}

// TestFunctionsAreTheDirectories wants each directory among the functions.
func TestFunctionsAreTheDirectories(t *testing.T) {
	t.Parallel()
	var got []string
	for _, f := range examples.Functions() {
		got = append(got, filepath.Join("functions", f.Name))
		if _, err := fs.Stat(f.Directory, "function.yaml"); err != nil {
			t.Error(err)
		}
	}
	want, err := filepath.Glob("functions/*")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the functions are %v, the directories %v", got, want)
	}
}

func TestConfigurationDeclaresTheFunctions(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("heddle.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range examples.Functions() {
		want := "  - urn: " + f.URN + "\n    url: http://127.0.0.1:8481" + f.Path + "\n"
		if !strings.Contains(string(text), want) {
			t.Errorf("heddle.yaml lacks\n%s", want)
		}
	}
}
