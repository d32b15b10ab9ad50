package payload_test

import (
	"errors"
	"testing"

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
