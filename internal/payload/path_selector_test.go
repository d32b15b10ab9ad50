package payload_test

import (
	"strings"
	"testing"

	"heddle/internal/payload"
)

// selection is a query and what it selects: the texts of the nodes, in order,
// with spaces between them.
type selection struct{ query, want string }

func checkSelections(t *testing.T, document string, tests []selection) {
	t.Helper()
	root := parse(t, document)
	for _, test := range tests {
		nodes, err := compile(t, test.query).Select(root)
		if got := strings.Join(texts(nodes), " "); err != nil || got != test.want {
			t.Errorf("%s on %.200s\n got %s, %v\nwant %s", test.query, document, got, err, test.want)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	checkSelections(t, `{"a":{"b":{"c":1}},"_x9":2,"größe":3,"道":4,"𝄞":5,"":6,"true":7,"it's":8,"say \"hi\"":9,"a/b\\c":10,"\n\t\b\f\r":11}`,
		[]selection{
			{"$.a.b.c", "1"},
			{"$['a'][\"b\"]['c']", "1"},
			{"$ .a\t['b']\n\r.c", "1"},
			{"$._x9", "2"},
			{"$.größe", "3"},
			{"$.道", "4"},
			{"$.𝄞", "5"},
			{`$['\uD834\udd1e']`, "5"},
			{`$["\u9053"]`, "4"},
			{"$['']", "6"},
			{"$.true", "7"},
			{`$['it\'s']`, "8"},
			{`$["it's"]`, "8"},
			{`$["say \"hi\""]`, "9"},
			{`$['say "hi"']`, "9"},
			{`$['a\/b\\c']`, "10"},
			{`$["\n\t\b\f\r"]`, "11"},
			{"$.none", ""},
			{"$.a.none.b", ""},
			{"$._x9.a", ""},
			{"$.a[0]", ""},
			{"$[ 'a' , '_x9' , 'a' ]", `{"b":{"c":1}} 2 {"b":{"c":1}}`},
		})
}

func TestIndexesAndSlices(t *testing.T) {
	t.Parallel()
	checkSelections(t, `["a","b","c","d","e","f"]`, []selection{
		{"$[0]", `"a"`},
		{"$[5]", `"f"`},
		{"$[6]", ""},
		{"$[-1]", `"f"`},
		{"$[-6]", `"a"`},
		{"$[-7]", ""},
		{"$[9007199254740991]", ""},
		{"$[-9007199254740991]", ""},
		{"$['0']", ""},
		{"$[2,0,-1]", `"c" "a" "f"`},
		{"$[1:3]", `"b" "c"`},
		{"$[ 1 : 6 : 2 ]", `"b" "d" "f"`},
		{"$[:2]", `"a" "b"`},
		{"$[4:]", `"e" "f"`},
		{"$[-2:]", `"e" "f"`},
		{"$[:-4]", `"a" "b"`},
		{"$[:]", `"a" "b" "c" "d" "e" "f"`},
		{"$[::]", `"a" "b" "c" "d" "e" "f"`},
		{"$[::-1]", `"f" "e" "d" "c" "b" "a"`},
		{"$[::-2]", `"f" "d" "b"`},
		{"$[4:1:-1]", `"e" "d" "c"`},
		{"$[-2:-5:-2]", `"e" "c"`},
		{"$[:3:-1]", `"f" "e"`},
		{"$[1::-1]", `"b" "a"`},
		{"$[3:1]", ""},
		{"$[1:3:-1]", ""},
		{"$[1:5:0]", ""},
		{"$[-100:2]", `"a" "b"`},
		{"$[4:100]", `"e" "f"`},
		{"$[100:4:-1]", `"f"`},
		{"$[1:-100:-1]", `"b" "a"`},
		{"$[::9007199254740991]", `"a"`},
		{"$[::-9007199254740991]", `"f"`},
		{"$[1:3,0]", `"b" "c" "a"`},
	})
	checkSelections(t, `{"0":"a"}`, []selection{{"$[0]", ""}, {"$[:]", ""}})
	checkSelections(t, `[]`, []selection{{"$[0]", ""}, {"$[-1]", ""}, {"$[::-1]", ""}})
}

func TestWildcardsAndDescendants(t *testing.T) {
	t.Parallel()
	checkSelections(t, `{"z":[1,{"b":2}],"a":{"b":3,"c":[4]},"b":5}`, []selection{
		{"$.*", `[1,{"b":2}] {"b":3,"c":[4]} 5`},
		{"$[*]", `[1,{"b":2}] {"b":3,"c":[4]} 5`},
		{"$.*.*", `1 {"b":2} 3 [4]`},
		{"$.b.*", ""},
		{"$..b", "5 2 3"},
		{"$..[0]", "1 4"},
		{"$..[-1,'b']", `5 {"b":2} 2 3 4`},
		{"$..*", `[1,{"b":2}] {"b":3,"c":[4]} 5 1 {"b":2} 2 3 [4] 4`},
		{"$..[*]", `[1,{"b":2}] {"b":3,"c":[4]} 5 1 {"b":2} 2 3 [4] 4`},
		{"$.a..b", "3"},
		{"$..c..*", "4"},
		{"$[*,'b']", `[1,{"b":2}] {"b":3,"c":[4]} 5 5`},
	})
}

func TestForms(t *testing.T) {
	t.Parallel()
	tests := []struct {
		query          string
		root, singular bool
	}{
		{"$", true, true},
		{"$.a", false, true},
		{"$ ['a'] [-1] .b", false, true},
		{"$[ 'a' ]", false, true},
		{"$.*", false, false},
		{"$..a", false, false},
		{"$[0,1]", false, false},
		{"$[0,0]", false, false},
		{"$[0:1]", false, false},
		{"$[?@]", false, false},
	}
	for _, test := range tests {
		p := compile(t, test.query)
		if p.String() != test.query || p.IsRoot() != test.root || p.Singular() != test.singular {
			t.Errorf("%s: got %s, root %t, singular %t", test.query, p, p.IsRoot(), p.Singular())
		}
	}
	if payload.Root.String() != "$" || !payload.Root.IsRoot() || !payload.Root.Singular() {
		t.Error("Root is not $")
	}
}

func TestFilter(t *testing.T) {
	t.Parallel()
	const document = `{"id": 12345678901234567890, "price":1.10, "tags": [ "x", {"y" : null} ]}`
	tests := []struct {
		query, want string
		err         error
	}{
		{"$", document, nil},
		{"$.id", "12345678901234567890", nil},
		{"$.tags", `[ "x", {"y" : null} ]`, nil},
		{"$.tags[1].y", "null", nil},
		{"$.none", "", payload.ErrNothing},
		{"$.tags[2]", "", payload.ErrNothing},
		{"$.*", `[12345678901234567890,1.10,[ "x", {"y" : null} ]]`, nil},
		{"$.tags[:1]", `["x"]`, nil},
		{"$.none[*]", "[]", nil},
		{"$..none", "[]", nil},
	}
	for _, test := range tests {
		got, err := compile(t, test.query).Filter(document)
		if got != test.want || err != test.err {
			t.Errorf("Filter(%s) = %s, %v; want %s, %v", test.query, got, err, test.want, test.err)
		}
	}
	if got, err := payload.Root.Filter(" not read "); got != " not read " || err != nil {
		t.Errorf("Root.Filter = %q, %v; want the text itself", got, err)
	}
	if _, err := compile(t, "$.a").Filter(`{"a":1,}`); err == nil {
		t.Error("Filter accepts what is no JSON")
	}
}
