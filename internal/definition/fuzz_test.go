package definition_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"heddle/internal/definition"
	"heddle/internal/payload"
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

// FuzzExpression reads event-expressions a second time as Go reads them, with its own
// signs for and and or: both accept the same, and both hold for the same events.
func FuzzExpression(f *testing.F) {
	for _, text := range []string{"a", "a and b or c", "a or b and c", "(a or b)and(c)", "((((((((((a))))))))))", "(((((((((((a)))))))))))", "a and", "or", "a b", "() a", ")(", "and and and"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words := strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(text))
		for i, word := range words {
			switch word {
			case "a", "b", "c", "(", ")":
			case "and":
				words[i] = "&&"
			case "or":
				words[i] = "||"
			default:
				return // no event has that name
			}
		}
		document := `{"event-defs":{"a":{"source":"urn:fgs:local:p:trigger:SMN_a_a_1"},"b":{"source":"urn:fgs:local:p:trigger:SMN_b_b_1"},"c":{"source":"urn:fgs:local:p:trigger:SMN_c_c_1"}},` +
			`"states":{"s":{"type":"EVENT","start":true,"events":[{"event-expression":` + payload.Quote(text) + `,"next-state":"all"}]},"all":{"type":"EVENT","events":[{"event-expression":"a and b and c","next-state":"e"}]},"e":{"type":"END"}}}`
		d, problems := definition.Parse(document)
		want, err := parser.ParseExpr(strings.Join(words, " "))
		deep := nesting(words) > definition.ExpressionDepthMax
		if accepted := err == nil && plain(want) && !deep; (d != nil) != accepted {
			t.Fatalf("%q: got %v, and Go says %v", text, problems, err)
		}
		if d == nil {
			return
		}
		got := d.State("s").Body.(*definition.Event).Members[0].Expression
		for events := range 8 {
			there := map[string]bool{"a": events&1 != 0, "b": events&2 != 0, "c": events&4 != 0}
			if holds(got, there) != holdsInGo(want, there) {
				t.Errorf("%q with %v: got %t", text, there, holds(got, there))
			}
		}
	})
}

// nesting returns how deep parentheses are nested.
func nesting(words []string) (deepest int) {
	depth := 0
	for _, word := range words {
		switch word {
		case "(":
			depth++
		case ")":
			depth--
		}
		deepest = max(deepest, depth)
	}
	return deepest
}

// plain reports whether Go has read nothing else: a (b) is a call there.
func plain(x ast.Expr) bool {
	calls := false
	ast.Inspect(x, func(n ast.Node) bool {
		_, call := n.(*ast.CallExpr)
		calls = calls || call
		return true
	})
	return !calls
}

func holds(x definition.EventExpression, there map[string]bool) bool {
	inner := func(x definition.EventExpression) bool { return holds(x, there) }
	switch {
	case x.Name != "":
		return there[x.Name]
	case x.And != nil:
		return !slices.ContainsFunc(x.And, func(x definition.EventExpression) bool { return !inner(x) })
	}
	return slices.ContainsFunc(x.Or, inner)
}

func holdsInGo(x ast.Expr, there map[string]bool) bool {
	switch x := x.(type) {
	case *ast.ParenExpr:
		return holdsInGo(x.X, there)
	case *ast.BinaryExpr:
		if x.Op == token.LAND {
			return holdsInGo(x.X, there) && holdsInGo(x.Y, there)
		}
		return holdsInGo(x.X, there) || holdsInGo(x.Y, there)
	}
	return there[x.(*ast.Ident).Name]
}
