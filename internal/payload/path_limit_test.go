package payload_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"heddle/internal/payload"
)

func TestBudget(t *testing.T) {
	t.Parallel()
	list := func(item string, n int) string {
		return "[" + strings.Repeat(item+",", n-1) + item + "]"
	}
	long := payload.Quote(strings.Repeat("a", 2000))
	tests := []struct{ name, query, document string }{
		{"nodes", "$..*", list("[1,2,3]", 30_000)},
		{"descendants of descendants", "$..*..*..*", strings.Repeat("[1,", 90) + "1" + strings.Repeat("]", 90)},
		{"descendants in filters in filters", "$[?$..[?$..x]]", list("1", 100)},
		{"descendants that select nothing", "$..none..none..none..none", list("1", 60_000)},
		{"duplicates", "$" + strings.Repeat("[*,*]", 20), strings.Repeat("[", 21) + strings.Repeat("]", 21)},
		{"slices", "$[" + strings.Repeat(":,", 200) + ":]", list("1", 1000)},
		{"names", "$..[?@.x]", list("1", 100_000)},
		{"filters in filters", "$[?$[?$[?@ == 2]]]", list("1", 100)},
		{"values compared", "$[?@ == $[0]]", list(list("1", 1000), 200)},
		{"members looked for", "$[?@ == $[0]]", "[" + object(3000) + "," + object(3000) + "]"},
		{"long strings compared", "$[?$[0] == $[1]]", list(long, 10_000)},
		{"long numbers compared", "$[?@ == $[0]]", list(strings.Repeat("7", 50_000), 100)},
		{"length of long strings", "$[?length(@) == 1]", list(long, 10_000)},
		{"tests without segments", "$[?" + strings.Repeat("@ && ", 2000) + "@]", list("1", 1000)},
		{"tests that match nothing", "$[?" + strings.Repeat("!match(1, 1) && ", 2000) + "@]", list("1", 1000)},
		{"characters matched", "$[?search(@, 'b')]", list(long, 100)},
		{"large expressions", "$[?search(@, '(a|[a-z]){900}')]", list(long, 10)},
		{"expressions compiled", "$[?match('a', @)]", list(`"a","b"`, 2000)},
		{"categories compiled", "$[?match('a', @)]", list(`"\\p{L}","\\p{N}"`, 500)},
		{"an expression too long", "$[?match('a', @)]", "[" + long + "]"},
		{"an expression too large", "$[?match('a', @)]", `["(a{100}){100}"]`},
		{"a repetition too large", "$[?match('a', @)]", `["a{1001}"]`},
		{"alternatives too large", "$[?match('a', @)]", `["a{900}|b{900}|c{900}|d{900}|e{900}"]`},
	}
	for _, test := range tests {
		root := parse(t, test.document)
		if nodes, err := compile(t, test.query).Select(root); !errors.Is(err, payload.ErrBudget) {
			t.Errorf("%s: %d nodes, %v; want %v", test.name, len(nodes), err, payload.ErrBudget)
		}
	}
}

// TestNoPatternExplodes has regular expressions that take engines with backtracking
// longer than anybody waits, on texts that they nearly match. Each is done with, or
// costs too many steps; one that took for ever would be ended as the test is.
func TestNoPatternExplodes(t *testing.T) {
	t.Parallel()
	documents := []string{
		payload.Quote(strings.Repeat("a", 32<<10)),
		payload.Quote(strings.Repeat("a", 4<<10) + "!"),
		payload.Quote(strings.Repeat("ac ", 1<<10) + "!"),
		payload.Quote(strings.Repeat("x", 4<<10) + "\n" + strings.Repeat("=", 1<<10)),
	}
	for _, pattern := range []string{
		"(a+)+b", "(a*)*b", "(a|a)*b", "(a|aa)+b", "(a|a?)+b", "((a+)+)+b", "(((a*)*)*)*b", "(a*a*)*b", "a*a*a*a*a*a*a*a*b", "(a+a?)*b",
		"(.*)*b", "(.+)+b", "(.*a){12}b", "(.|a)*b", ".*.*.*.*.*b", "(a?){30}a{30}b", "(a{1,100}){1,10}b", "(a{0,9}){0,100}b", "a{1000}b",
		"([a-z]+)*1", "([a-z]+[a-z]*)+1", "(\\p{L}+\\p{L}+)+1", "([^@]+)+@", "([^=]*=*)*@", "(x+x+)+y", "(x*)*(y*)*z", "((ab?)* ?)*d", "(a|b|ab)*d",
		"(([a-z])+.)+[A-Z]([a-z])+1", "([0-9a-z]([-.0-9a-z]*[0-9a-z])*@)+", "(a|[a-z]|.)*0", "[a-z]*([a-z]*[a-z]*)*0",
	} {
		for _, document := range documents {
			for _, function := range []string{"match", "search"} {
				query := compile(t, "$[?"+function+"(@, "+payload.Quote(pattern)+")]")
				nodes, err := query.Select(parse(t, "["+document+"]"))
				if err != nil && !errors.Is(err, payload.ErrBudget) || len(nodes) != 0 {
					t.Errorf("%s by %q on %d bytes: %d nodes, %v", function, pattern, len(document), len(nodes), err)
				}
			}
		}
	}
}

// object returns an object of so many members.
func object(members int) string {
	var b strings.Builder
	for i := range members {
		fmt.Fprintf(&b, `,"member %d":0`, i)
	}
	return "{" + b.String()[1:] + "}"
}

func TestFilterLength(t *testing.T) {
	t.Parallel()
	item := payload.Quote(strings.Repeat("a", 1022)) // 1024 bytes of text
	document := `{"a":` + item + "}"
	selected := func(n int) string { return "$[" + strings.Repeat("'a',", n-1) + "'a']" }

	// 1023 items of 1024 bytes, 1022 commas and two brackets, as it happens,
	// make one MiB.
	got, err := compile(t, selected(1023)).Filter(document)
	if err != nil || len(got) != payload.FilterLengthMax {
		t.Errorf("Filter = %d bytes, %v; want %d", len(got), err, payload.FilterLengthMax)
	}
	if _, err := compile(t, selected(1024)).Filter(document); !errors.Is(err, payload.ErrBudget) {
		t.Errorf("Filter = %v, want %v", err, payload.ErrBudget)
	}
}

func TestNestingOfQueries(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, open, core, close string }{
		{"parentheses", "(", "@", ")"},
		{"filters", "@[?", "@", "]"},
		{"calls", "length(", "'a'", ")"},
	}
	for _, test := range tests {
		nested := func(n int) string {
			q := strings.Repeat(test.open, n) + test.core + strings.Repeat(test.close, n)
			if test.name == "calls" {
				q += " == 1"
			}
			return "$[?" + q + "]"
		}
		if _, err := payload.Compile(nested(63)); err != nil {
			t.Errorf("%s: 64 levels are refused: %v", test.name, err)
		}
		for _, n := range []int{64, 100_000} {
			if _, err := payload.Compile(nested(n)); err == nil || !strings.Contains(err.Error(), "nested deeper than 64") {
				t.Errorf("%s: %d levels: %v", test.name, n+1, err)
			}
		}
	}
}

func TestDeepPayload(t *testing.T) {
	t.Parallel()
	const depth = 10_000
	text := strings.Repeat("[", depth) + strings.Repeat("]", depth)
	got, err := compile(t, "$..[?!@[0]]").Filter(text)
	if err != nil || got != "[[]]" {
		t.Errorf("Filter = %s, %v", got, err)
	}
}

func TestPathIsShared(t *testing.T) {
	t.Parallel()
	p := compile(t, "$.list[?match(@,$.re) || search(@,'c')]")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			document := fmt.Sprintf(`{"re":"a{%d}","list":["a","aa","aaa","c"]}`, i%3+1)
			want := fmt.Sprintf(`["%s","c"]`, strings.Repeat("a", i%3+1))
			if got, err := p.Filter(document); got != want || err != nil {
				t.Errorf("Filter(%s) = %s, %v; want %s", document, got, err, want)
			}
		})
	}
	wg.Wait()
}
