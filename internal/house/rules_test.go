package house_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Import paths that a rule names stand for what lies below them too.
var (
	impureImports  = []string{"context", "os", "net", "database/sql", "log", "sync", "math/rand", "crypto/rand"}
	outsideImports = []string{"net", "database/sql"} // beyond the reach even of a pure room's tests
)

// impureTime are the functions of package time that look at a clock, wait for
// one, or read the time zones of the machine.
var impureTime = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer", "LoadLocation"}

// testingAllowedIn are the packages that are no tests and may import testing:
// what several packages' tests share.
var testingAllowedIn = []string{"internal/exchange/pagetest", "internal/store/storetest"}

// sharedHTTP are the parts of net/http that stand on one client or one table of
// routes for the whole process: the client follows redirects and has no
// timeout, the table is open to every package.
var sharedHTTP = []string{
	"DefaultClient", "DefaultTransport", "Get", "Head", "Post", "PostForm",
	"DefaultServeMux", "Handle", "HandleFunc",
}

// source is one parsed Go file.
type source struct {
	path  string // in the module
	files *token.FileSet
	file  *ast.File
}

func parseSource(path, text string) (source, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
	return source{path: path, files: files, file: file}, err
}

func (s source) directory() string { return path.Dir(s.path) }

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

// problems returns where the file breaks the rules of the house.
func (s source) problems() []string {
	var found []string
	report := func(n ast.Node, format string, arguments ...any) {
		found = append(found, fmt.Sprintf("%s: %s", s.files.Position(n.Pos()), fmt.Sprintf(format, arguments...)))
	}
	r := roomOf(s.directory())
	inside := strings.HasPrefix(s.path, "internal/") || strings.HasPrefix(s.path, "cmd/")
	if r == nil && inside {
		report(s.file.Name, "the package has no row in the table of rooms")
	}
	names := make(map[string]string) // of imported packages in this file, to their paths
	for _, spec := range s.file.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		names[localName(spec, imported)] = imported
		if localName(spec, imported) == "." {
			report(spec, "the dot hides which names come from %s", imported)
		}
		if r != nil {
			s.checkImport(r, imported, func(format string, arguments ...any) { report(spec, format, arguments...) })
		}
		if below(imported, "testing") && !s.test() && !slices.Contains(testingAllowedIn, s.directory()) {
			report(spec, "only tests and %s import %s", strings.Join(testingAllowedIn, ", "), imported)
		}
	}
	pure := r != nil && r.pure && !s.test()
	ast.Inspect(s.file, func(n ast.Node) bool {
		if what := s.hasty(n, names); what != "" {
			report(n, "%s compares secrets in a time that tells how much is right: take hmac.Equal or crypto/subtle", what)
		}
		switch n := n.(type) {
		case *ast.GoStmt:
			if pure {
				report(n, "a pure room starts no goroutine")
			}
		case *ast.SelectorExpr:
			name, ok := n.X.(*ast.Ident)
			switch {
			case !ok:
			case pure && names[name.Name] == "time" && slices.Contains(impureTime, n.Sel.Name):
				report(n, "a pure room does not call time.%s: it is told the time", n.Sel.Name)
			case names[name.Name] == "net/http" && slices.Contains(sharedHTTP, n.Sel.Name):
				report(n, "http.%s stands on what the whole process shares: make a client or a table of routes", n.Sel.Name)
			}
		}
		return true
	})
	return found
}

// checkImport reports an import that does not fit the room.
func (s source) checkImport(r *room, imported string, report func(format string, arguments ...any)) {
	ours, isOurs := strings.CutPrefix(imported, "heddle/")
	switch {
	case isOurs && !s.test() && !slices.Contains(r.imports, ours):
		report("%s may not import %s", r.path, ours)
	case r.pure && !s.test() && below(imported, impureImports...):
		report("a pure room does not import %s", imported)
	case r.pure && s.test() && below(imported, outsideImports...):
		report("the tests of a pure room do not import %s", imported)
	}
}

// localName returns the name by which a file knows an imported package.
func localName(spec *ast.ImportSpec, imported string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	return path.Base(imported)
}

// below reports whether an import path is one of the roots or lies below one.
func below(imported string, roots ...string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return imported == root || strings.HasPrefix(imported, root+"/")
	})
}
