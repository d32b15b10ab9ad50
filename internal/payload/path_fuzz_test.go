package payload_test

import (
	"errors"
	"fmt"
	"testing"
	"unicode/utf8"

	"heddle/internal/payload"
)

// FuzzCompile compiles what may be a query and tries it on what may be JSON.
func FuzzCompile(f *testing.F) {
	const document = `{"a":[1,{"b":"x","c":[2.50,null]}],"b":"xx","re":"x+|\\p{L}[^a-c]{2}"}`
	for _, query := range []string{
		"$", "$.a[0]", "$..b", "$['a']..*", "$.a[::-1]", "$.a[-2:,0]", `$["\u0062"]`,
		"$.a[?@.b == 'x' && !(@.c[0] > 2.5e0) || length(@) <= count($..*)]",
		"$..[?match(@, $.re)]", "$..[?search(@.b, '[x-y]{1,3}$')]", "$.a[?value(@.*) != $.b].c[?@]",
	} {
		f.Add(query, document)
	}
	f.Fuzz(func(t *testing.T, query, document string) {
		p, err := payload.Compile(query)
		if err != nil {
			var fault *payload.SyntaxError
			if !errors.As(err, &fault) || fault.Offset < 0 || fault.Offset > len(query) {
				t.Fatalf("Compile(%q) = %v, want a syntax error inside the query", query, err)
			}
			return
		}
		again, err := payload.Compile(p.String())
		if err != nil || again.Singular() != p.Singular() || again.IsRoot() != p.IsRoot() {
			t.Fatalf("%q compiled once more is another query, %v", query, err)
		}
		root, err := payload.Parse(document, 100)
		if err != nil {
			return
		}
		nodes, err := p.Select(root)
		if err != nil && err != payload.ErrBudget || p.Singular() && len(nodes) > 1 {
			t.Fatalf("%q selects %d nodes of %q, %v", query, len(nodes), document, err)
		}
		checkFiltered(t, p, document)
	})
}

// checkFiltered checks that a filter's result is a payload again.
func checkFiltered(t *testing.T, p *payload.Path, document string) {
	t.Helper()
	got, err := p.Filter(document)
	switch {
	case err == payload.ErrBudget || err == payload.ErrNothing && p.Singular():
	case err != nil:
		t.Fatalf("%q does not filter %q: %v", p, document, err)
	default:
		if err := payload.Valid(got, 101); err != nil {
			t.Fatalf("%q filters %q to %q: %v", p, document, got, err)
		}
	}
}

// FuzzPatterns tries regular expressions of any form, from the query and from the
// payload: both say the same, and what matches as a whole matches in parentheses, in
// part, and between anchors.
func FuzzPatterns(f *testing.F) {
	for _, pattern := range []string{
		"a.c", "(a|b)+c?", "a{2,3}", "[^a-c\\-]x", "\\p{Lu}\\P{L}", "^ab$", "[--]", "a{1000}", "((a{10}){10}){10}", "(?i)a", "a**", "[[:alpha:]]", "\\d", "形.",
	} {
		f.Add(pattern, "abc")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(text) {
			return // neither can stand in JSON
		}
		root, err := payload.Parse(fmt.Sprintf(`{"texts":[%s],"patterns":[%s,%s,%s]}`,
			payload.Quote(text), payload.Quote(pattern), payload.Quote("("+pattern+")"), payload.Quote("^("+pattern+")$")), 3)
		if err != nil {
			t.Fatal(err)
		}
		holds := func(query string) (holds, asked bool) {
			p, err := payload.Compile(query)
			if err != nil {
				return false, false // the expression is too large to stand in a query
			}
			nodes, err := p.Select(root)
			if err != nil && !errors.Is(err, payload.ErrBudget) {
				t.Fatalf("%s: %v", query, err)
			}
			return len(nodes) == 1, err == nil
		}
		whole, asked := holds("$.texts[?match(@, $.patterns[0])]")
		if !asked {
			return
		}
		if standing, asked := holds("$.texts[?match(@, " + payload.Quote(pattern) + ")]"); asked && standing != whole {
			t.Errorf("%q on %q holds in the query: %t, and from the payload: %t", pattern, text, standing, whole)
		}
		if grouped, asked := holds("$.texts[?match(@, $.patterns[1])]"); asked && whole && !grouped {
			t.Errorf("%q matches %q, and in parentheses it does not", pattern, text)
		}
		part, asked := holds("$.texts[?search(@, $.patterns[0])]")
		if asked && whole && !part {
			t.Errorf("%q matches all of %q, and no part of it", pattern, text)
		}
		// Without the first of these it may be no expression, and this be one all the same.
		if anchored, asked := holds("$.texts[?search(@, $.patterns[2])]"); asked && part && anchored && !whole {
			t.Errorf("%q does not match all of %q, and does so between anchors", pattern, text)
		}
	})
}
