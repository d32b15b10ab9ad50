package definition_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"heddle/internal/definition"
)

var update = flag.Bool("update", false, "write the problems that were found into the problem files")

// A problem file holds documents, each below a line "=== title". A faulty line
// ends with its problem: "### CODE #POINTER MESSAGE". If a document has several
// problems, the position of each in the answer stands before its code. A
// message that ends in … is the beginning of the message wanted; the rest is of
// another package's wording. «repeat N TEXT» and «list FROM TO FORMAT» write
// what would be too long to read.
type document struct {
	title string
	lines []string // as in the file, but for the problems
	want  []string // the problems, one an entry: "3: ### ..."
}

func (d *document) text(t testing.TB) string {
	t.Helper()
	functions := template.FuncMap{
		"repeat": func(n int, s string) string { return strings.Repeat(s, n) },
		"list": func(from, to int, format string) string {
			var items []string
			for i := from; i <= to; i++ {
				items = append(items, fmt.Sprintf(format, i, i+1))
			}
			return strings.Join(items, ",")
		},
	}
	tmpl, err := template.New(d.title).Delims("«", "»").Funcs(functions).Parse(strings.Join(d.lines, "\n"))
	if err != nil {
		t.Fatalf("%s: %v", d.title, err)
	}
	var text strings.Builder
	if err := tmpl.Execute(&text, nil); err != nil {
		t.Fatalf("%s: %v", d.title, err)
	}
	return text.String()
}

// marks writes problems as they stand in a problem file, the line first.
func marks(text string, problems []definition.Problem) []string {
	var all []string
	for i, p := range problems {
		number := ""
		if len(problems) > 1 {
			number = fmt.Sprintf("%d ", i+1)
		}
		line, _ := definition.Line(text, p.Offset)
		all = append(all, fmt.Sprintf("%d: ### %s%s #%s %s", line, number, p.Code, p.Path, p.Message))
	}
	slices.Sort(all)
	return all
}

func readDocuments(t testing.TB, pattern string) map[string][]*document {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	files := map[string][]*document{}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split("\n"+strings.TrimSuffix(string(content), "\n"), "\n=== ")[1:] {
			d := &document{}
			for i, line := range strings.Split(part, "\n") {
				pieces := strings.Split(line, " ### ")
				for _, mark := range pieces[1:] {
					d.want = append(d.want, fmt.Sprintf("%d: ### %s", i, mark))
				}
				if i == 0 {
					d.title = pieces[0]
				} else {
					d.lines = append(d.lines, pieces[0])
				}
			}
			slices.Sort(d.want)
			files[name] = append(files[name], d)
		}
	}
	return files
}

func TestProblems(t *testing.T) {
	t.Parallel()
	for name, documents := range readDocuments(t, "testdata/bad/*.txt") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			for _, d := range documents {
				text := d.text(t)
				parsed, problems := definition.Parse(text)
				if parsed != nil || len(problems) == 0 {
					t.Errorf("%s: was accepted", d.title)
				}
				got := marks(text, problems)
				switch {
				case slices.EqualFunc(got, d.want, agrees):
				case *update:
					d.want = got
				default:
					t.Errorf("%s:\ngot\n\t%s\nwant\n\t%s", d.title, strings.Join(got, "\n\t"), strings.Join(d.want, "\n\t"))
				}
			}
			if *update {
				writeDocuments(t, name, documents)
			}
		})
	}
}

func agrees(got, want string) bool {
	beginning, cut := strings.CutSuffix(want, "…")
	return got == want || cut && strings.HasPrefix(got, beginning)
}

func writeDocuments(t *testing.T, name string, documents []*document) {
	t.Helper()
	var file strings.Builder
	for _, d := range documents {
		lines := append([]string{"=== " + d.title}, d.lines...)
		for _, mark := range d.want {
			var at int
			_, problem, _ := strings.Cut(mark, ": ")
			fmt.Sscanf(mark, "%d:", &at)
			lines[at] += " " + problem
		}
		file.WriteString(strings.Join(lines, "\n") + "\n")
	}
	if err := os.WriteFile(name, []byte(file.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// languageCodes returns the codes that the published table has for definitions.
func languageCodes() []string {
	codes := []string{"FGS.1001", "FGS.1002", "FGS.1004", "FGS.1012"}
	for n := 1017; n <= 1079; n++ {
		codes = append(codes, fmt.Sprintf("FGS.%d", n))
	}
	return codes
}

// TestEveryCodeIsEarned compares the codes in the problem files with those of
// the language.
func TestEveryCodeIsEarned(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile(`FGS\.\d{4}`)
	earned := map[string]bool{}
	for _, documents := range readDocuments(t, "testdata/bad/*.txt") {
		for _, d := range documents {
			for _, mark := range d.want {
				earned[code.FindString(mark)] = true
			}
		}
	}
	if got, want := slices.Sorted(maps.Keys(earned)), languageCodes(); !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}
