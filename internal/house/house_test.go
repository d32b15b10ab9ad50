package house_test

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
)

// walk visits the files of the repository, but not what git and builds leave in it.
func walk(t *testing.T, visit func(path string, text []byte)) {
	t.Helper()
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (path == ".git" || path == "bin" || entry.Name() == "heddle-data"):
			return fs.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		text, err := fs.ReadFile(root, path)
		if err == nil {
			visit(path, text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSources(t *testing.T) {
	t.Parallel()
	walk(t, func(path string, text []byte) {
		if !strings.HasSuffix(path, ".go") {
			return
		}
		s, err := parseSource(path, string(text))
		if err != nil {
			t.Error(err)
			return
		}
		for _, problem := range s.problems() {
			t.Error(problem)
		}
	})
}

// TestRooms looks for rows that say nothing: of packages that are not there, or
// with imports that have no row.
func TestRooms(t *testing.T) {
	t.Parallel()
	filled := make(map[string]bool)
	walk(t, func(file string, _ []byte) {
		if strings.HasSuffix(file, ".go") {
			filled[path.Dir(file)] = true
		}
	})
	for i, r := range rooms {
		if !filled[r.path] {
			t.Errorf("%s has a row, but no source", r.path)
		}
		if roomOf(r.path) != &rooms[i] {
			t.Errorf("%s has two rows", r.path)
		}
		for _, imported := range r.imports {
			if !filled[imported] {
				t.Errorf("%s may import %s, which has no source", r.path, imported)
			}
			if other := roomOf(imported); r.pure && (other == nil || !other.pure) {
				t.Errorf("%s is pure and may import %s, which is not", r.path, imported)
			}
		}
	}
}

// TestSelfContained looks for mentions of the folder beside the repository that
// a clone does not have.
func TestSelfContained(t *testing.T) {
	t.Parallel()
	beside := []byte(".." + "/shared")
	walk(t, func(path string, text []byte) {
		if bytes.Contains(text, beside) {
			t.Errorf("%s mentions %s", path, beside)
		}
	})
}
