package definition_test

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"heddle/internal/definition"
)

// FuzzParse checks that every text is either accepted or has problems that
// point into it, and that what is accepted is accepted again, the same.
func FuzzParse(f *testing.F) {
	f.Add(everything)
	for _, pattern := range []string{"testdata/good/*.txt", "testdata/bad/*.txt"} {
		for _, documents := range readDocuments(f, pattern) {
			for _, d := range documents {
				f.Add(d.text(f))
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, problems := definition.Parse(text)
		if (d == nil) == (len(problems) == 0) {
			t.Fatalf("got a definition %v and %d problems", d, len(problems))
		}
		for _, p := range problems {
			if !strings.HasPrefix(p.Code, "FGS.1") || p.Message == "" || !utf8.ValidString(p.Message) {
				t.Errorf("a problem says %+v", p)
			}
			if p.Offset < 0 || p.Offset > len(text) || p.Path != "" && p.Path[0] != '/' {
				t.Errorf("a problem points nowhere: %+v", p)
			}
		}
		if d == nil {
			return
		}
		for i := range d.States {
			if s := &d.States[i]; d.State(s.Name) != s || s.Body == nil || s.FilterIn == nil || s.FilterOut == nil {
				t.Errorf("state %q is not whole", s.Name)
			}
		}
		if again, _ := definition.Parse(d.Text); !reflect.DeepEqual(again, d) {
			t.Errorf("parsed again, %q is another definition", text)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	small := `{"states":{"a":{"type":"NOOP","start":true,"next-state":"end"},"end":{"type":"END"}}}`
	large := largest()
	for name, text := range map[string]string{"small": small, "largest": large} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, problems := definition.Parse(text); problems != nil {
					b.Fatal(problems)
				}
			}
		})
	}
}
