package payload_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"heddle/internal/payload"
)

func TestParseKeepsTheText(t *testing.T) {
	t.Parallel()
	const text = ` {"id" : 12345678901234567890, "caf\u00e9": [1.10, -0, true ], "": {"b": null, "a": "x\ty"}} `
	tests := []struct {
		path   string
		kind   payload.Kind
		text   string
		str    string
		offset int
	}{
		{"$", payload.Object, strings.TrimSpace(text), "", 1},
		{"$.id", payload.Number, "12345678901234567890", "", 9},
		{"$.café", payload.Array, "[1.10, -0, true ]", "", 44},
		{"$.café[0]", payload.Number, "1.10", "", 45},
		{"$.café[1]", payload.Number, "-0", "", 51},
		{"$.café[2]", payload.Bool, "true", "", 55},
		{"$['']", payload.Object, `{"b": null, "a": "x\ty"}`, "", 67},
		{"$[''].b", payload.Null, "null", "", 73},
		{"$[''].a", payload.String, `"x\ty"`, "x\ty", 84},
	}
	root := parse(t, text)
	for _, test := range tests {
		v := only(t, test.path, root)
		if v.Kind() != test.kind || v.Text() != test.text || v.Str() != test.str || v.Offset() != test.offset {
			t.Errorf("%s: got %s %s %q at %d, want %s %s %q at %d", test.path,
				v.Kind(), v.Text(), v.Str(), v.Offset(), test.kind, test.text, test.str, test.offset)
		}
	}
}

func TestMembersStandInTheOrderOfTheText(t *testing.T) {
	t.Parallel()
	v := parse(t, `{"b": 1, "a\n": [true], "c": false}`)
	var got []string
	for _, m := range v.Members() {
		got = append(got, fmt.Sprintf("%q at %d: %s", m.Name, m.NameOffset, m.Value.Text()))
	}
	want := `"b" at 1: 1; "a\n" at 9: [true]; "c" at 24: false`
	if joined := strings.Join(got, "; "); joined != want {
		t.Errorf("got  %s\nwant %s", joined, want)
	}
	if !v.Member("a\n").Items()[0].True() || v.Member("c").True() || v.Member("d") != nil {
		t.Error("Member, Items or True do not find what is there")
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text, pointer string
		offset        int
		message       string // the beginning of it
	}{
		{"", "", 0, "there is no JSON value"},
		{" \n", "", 2, "there is no JSON value"},
		{"[1, 2", "", 5, "the text ends in the middle"},
		{`{"a": "b`, "/a", 8, "the text ends in the middle"},
		{"nul", "", 3, "the text ends in the middle"},
		{"1 2", "", 2, "only white space may follow"},
		{"01", "", 1, "only white space may follow"},
		{"{} ]", "", 3, "only white space may follow"},
		{"\ufeff{}", "", 0, "invalid character"},
		{"{'a': 1}", "", 1, "invalid character"},
		{"[1,]", "", 2, "invalid character"},
		{"[NaN]", "/0", 1, "invalid character"},
		{"[+1]", "/0", 1, "invalid character"},
		{"[1.]", "/0", 3, "invalid character"},
		{"\"a\tb\"", "", 2, "invalid character"},
		{"\x00", "", 0, "invalid character"},
		{`["\x"]`, "/0", 2, "invalid escape"},
		{"{\"a\": [\"\xff\"]}", "/a/0", 8, "invalid UTF-8"},
		{`{"a": "\ud800"}`, "/a", 7, "invalid surrogate pair"},
		{`["\udc00\ud800"]`, "/0", 2, "invalid surrogate pair"},
		{`{"o": {"a/b": 1, "x": 2, "a\u002fb": 3}}`, "/o/a~1b", 25, "the name stands twice"},
		{`{"a": [[0]], "b": [[[0]]]}`, "/b/0/0", 20, "arrays and objects are nested deeper than 3"},
	}
	for _, test := range tests {
		_, err := payload.Parse(test.text, 3)
		var got *payload.SyntaxError
		if !errors.As(err, &got) {
			t.Errorf("Parse(%q) = %v, want a syntax error", test.text, err)
			continue
		}
		if got.Offset != test.offset || got.Pointer != test.pointer || !strings.HasPrefix(got.Message, test.message) {
			t.Errorf("Parse(%q) = %+v, want %+v", test.text, *got, test)
		}
		if second := payload.Valid(test.text, 3); second == nil || second.Error() != err.Error() {
			t.Errorf("Valid(%q) = %v, but Parse says %v", test.text, second, err)
		}
	}
}

func TestDepth(t *testing.T) {
	t.Parallel()
	nested := func(depth int) string {
		return strings.Repeat("[", depth) + strings.Repeat("]", depth)
	}
	tests := []struct {
		text     string
		depthMax int
		ok       bool
	}{
		{"1", 0, true},
		{"[]", 0, false},
		{"{}", 1, true},
		{nested(64), 64, true},
		{nested(65), 64, false},
		{`["[[[[", "\"[[", {"[[": "\\"}]`, 2, true},
		{`[[], {}, [], {}]`, 2, true},
		{`{"a": {"b": {}}}`, 2, false},
		{nested(10_000), 20_000, true},
		{nested(10_001), 20_000, false},
	}
	for _, test := range tests {
		if err := payload.Valid(test.text, test.depthMax); (err == nil) != test.ok {
			t.Errorf("Valid(%.20s, %d) = %.80v, want ok %t", test.text, test.depthMax, err, test.ok)
		}
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"", `""`},
		{`a "b" \ /`, `"a \"b\" \\ /"`},
		{"\x00\b\t\n\f\r\x1f\x7f", `"\u0000\b\t\n\f\r\u001f` + "\x7f\""},
		{"<ü&𝄞>\u2028", "\"<ü&𝄞>\u2028\""},
		{"a\xffb", "\"a\ufffdb\""},
	}
	for _, test := range tests {
		if got := payload.Quote(test.text); got != test.want {
			t.Errorf("Quote(%q) = %s, want %s", test.text, got, test.want)
		}
	}
}

// FuzzParse reads each text a second time with the tokens of jsontext: both
// must accept the same texts, and the values must be where the tokens are.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		`{"a": [1, -2.5e3, "x\u0041", {"b": null}], "c\"": true}`, "[[[]]]", ` "\ud834\udd1e" `, "[1 2]", `{"a":1,"a":2}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const depthMax = 5
		v, err := payload.Parse(text, depthMax)
		deep, faulty := readTokens(t, text, v)
		if accepted := !faulty && deep <= depthMax; accepted != (err == nil) {
			t.Fatalf("Parse(%q) = %v, but the tokens are faulty: %t, %d deep", text, err, faulty, deep)
		}
		if second := payload.Valid(text, depthMax); fmt.Sprint(second) != fmt.Sprint(err) {
			t.Fatalf("Valid(%q) = %v, but Parse says %v", text, second, err)
		}
	})
}

// readTokens compares the tokens of a text with the values in root, which is
// nil if the text was refused, and returns how deep they are nested and whether
// they break off.
func readTokens(t *testing.T, text string, root *payload.Value) (deep int, faulty bool) {
	t.Helper()
	var want []string
	if root != nil {
		want = flatten(root, nil)
	}
	d := jsontext.NewDecoder(strings.NewReader(text))
	ended := false
	for n := 0; ; n++ {
		token, err := d.ReadToken()
		switch {
		case err != nil:
			return deep, err != io.EOF || !ended
		case ended:
			return deep, true
		}
		deep, ended = max(deep, d.StackDepth()), d.StackDepth() == 0
		if got := token.String(); root != nil && (n >= len(want) || want[n] != got) {
			t.Fatalf("token %d of %q is %s, but the values are %q", n, text, got, want)
		}
	}
}

// flatten lists a value as the tokens that it was made of.
func flatten(v *payload.Value, tokens []string) []string {
	switch v.Kind() {
	case payload.Object:
		tokens = append(tokens, "{")
		for _, m := range v.Members() {
			tokens = flatten(m.Value, append(tokens, m.Name))
		}
		return append(tokens, "}")
	case payload.Array:
		tokens = append(tokens, "[")
		for _, item := range v.Items() {
			tokens = flatten(item, tokens)
		}
		return append(tokens, "]")
	case payload.String:
		return append(tokens, v.Str())
	default:
		return append(tokens, v.Text())
	}
}

func parse(t *testing.T, text string) *payload.Value {
	t.Helper()
	v, err := payload.Parse(text, 100)
	if err != nil {
		t.Fatalf("Parse(%s): %v", text, err)
	}
	return v
}

func compile(t *testing.T, query string) *payload.Path {
	t.Helper()
	p, err := payload.Compile(query)
	if err != nil {
		t.Fatalf("Compile(%s): %v", query, err)
	}
	return p
}

// only returns the one node that the query selects.
func only(t *testing.T, query string, root *payload.Value) *payload.Value {
	t.Helper()
	nodes, err := compile(t, query).Select(root)
	if err != nil || len(nodes) != 1 {
		t.Fatalf("%s selects %d nodes, %v; want one", query, len(nodes), err)
	}
	return nodes[0]
}
