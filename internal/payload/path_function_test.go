package payload_test

import (
	"fmt"
	"testing"

	"heddle/internal/payload"
)

func TestFunctions(t *testing.T) {
	t.Parallel()
	checkSelections(t, `[["a"],"ab","é𝄞",{"x":1,"y":2},12,true,null,[],""]`, []selection{
		{"$[?length(@)==2]", `"ab" "é𝄞" {"x":1,"y":2}`},
		{"$[?length(@)==0]", `[] ""`},
		{"$[?length(@)<=1]", `["a"] [] ""`},
		{"$[?length(@)==length(@.none)]", "12 true null"},
		{"$[?length('abc')==length(@)]", ""},
		{"$[?count(@.*)==2]", `{"x":1,"y":2}`},
		{"$[?count(@.*)==count(@['x'])]", `"ab" "é𝄞" 12 true null [] ""`},
		{"$[?count(@)==1.0]", `["a"] "ab" "é𝄞" {"x":1,"y":2} 12 true null [] ""`},
		{"$[?count($..*)==12]", `["a"] "ab" "é𝄞" {"x":1,"y":2} 12 true null [] ""`},
		{"$[?value(@.*)=='a']", `["a"]`},
		{"$[?value(@..x)==1]", `{"x":1,"y":2}`},
		{"$[?value(@.*)==value($.none)]", `"ab" "é𝄞" {"x":1,"y":2} 12 true null [] ""`},
		{"$[?length(value(@[*]))==1]", `["a"]`},
		{"$[?1==length('x') && count(@.*)>length('')]", `["a"] {"x":1,"y":2}`},
	})
}

func TestMatchAndSearch(t *testing.T) {
	t.Parallel()
	checkSelections(t, `{"re":"b.","bad":"b(","list":["ab","abc","b","bcd","b\n",3,null]}`, []selection{
		{"$.list[?match(@, 'b.*')]", `"b" "bcd"`},
		{"$.list[?search(@, 'b.')]", `"abc" "bcd"`},
		{"$.list[?search(@, 'b$')]", `"ab" "b"`},
		{"$.list[?search(@,$.re)]", `"abc" "bcd"`},
		{"$.list[?!match(@,'.*b.*')]", `"b\n" 3 null`},
		{"$.list[?match(@,'a|b')]", `"b"`},
		{"$.list[?match('ab','a|b')]", ""},
		{"$.list[?search('b', @)]", `"b"`},
		{"$.list[?match(@,$.bad)]", ""},
		{"$.list[?match(@,'b(')]", ""},
		{"$.list[?match(@,$.none)]", ""},
		{"$.list[?match(@,3)]", ""},
		{"$.list[?match(3,'3')]", ""},
		{"$.list[?match(value($.re), '[b].')]", `"ab" "abc" "b" "bcd" "b\n" 3 null`},
		{"$.list[?search(@,'B')||match(@,\"a\\u0062\")]", `"ab"`},
	})
}

// TestPatterns checks each regular expression both where it stands in the
// query and where it comes from the payload.
func TestPatterns(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern      string
		yes, no      []string
		noExpression bool // nothing matches
	}{
		{pattern: "", yes: []string{""}, no: []string{"a"}},
		{pattern: "a.c", yes: []string{"abc", "a.c", "a\u2028c", "a𝄞c"}, no: []string{"a\nc", "a\rc", "ac"}},
		{pattern: "a|bc|", yes: []string{"a", "bc", ""}, no: []string{"abc", "ac"}},
		{pattern: "(a|b)+c?", yes: []string{"a", "abbac"}, no: []string{"", "c", "acc"}},
		{pattern: "()a(|b)", yes: []string{"a", "ab"}},
		{pattern: "a{2}", yes: []string{"aa"}, no: []string{"a", "aaa"}},
		{pattern: "a{02,}", yes: []string{"aa", "aaaa"}, no: []string{"a"}},
		{pattern: "(ab){1,2}", yes: []string{"ab", "abab"}, no: []string{"", "ababab"}},
		{pattern: "a{0}b{0,0}", yes: []string{""}, no: []string{"a", "b"}},
		{pattern: "[a-cx]", yes: []string{"a", "b", "x"}, no: []string{"-", "d"}},
		{pattern: "[^a-c]", yes: []string{"d", "\n", "^"}, no: []string{"a", ""}},
		{pattern: "[-a]", yes: []string{"-", "a"}, no: []string{"b"}},
		{pattern: "[a-]", yes: []string{"-", "a"}},
		{pattern: "[^-]", yes: []string{"a"}, no: []string{"-"}},
		{pattern: "[--]", yes: []string{"-"}},
		{pattern: "[a^.*$&&|(){}?+]", yes: []string{"^", ".", "*", "$", "&", "|", "(", "}", "?"}, no: []string{"b", "\\"}},
		{pattern: `[\]\[\\\-]`, yes: []string{"]", "[", "\\", "-"}, no: []string{"a"}},
		{pattern: `[\t-\r]`, yes: []string{"\t", "\n", "\r"}, no: []string{"t"}},
		{pattern: `\(\)\*\+\-\.\?\[\\\]\^\{\|\}`, yes: []string{`()*+-.?[\]^{|}`}},
		{pattern: `\n\r\t`, yes: []string{"\n\r\t"}},
		{pattern: `\p{Lu}\P{L}`, yes: []string{"Ä1"}, no: []string{"ä1", "Äa"}},
		{pattern: `\p{Cn}|\p{Co}`, yes: []string{"\u0378", "\ue000"}, no: []string{"a"}},
		{pattern: `[\p{Nd}a]+[^\P{Zs}]`, yes: []string{"1a٣ "}, no: []string{"b "}},
		{pattern: "^ab$", yes: []string{"ab"}, no: []string{"^ab$"}},
		{pattern: "[$]", yes: []string{"$"}},
		{pattern: "a-b,/<=>@~", yes: []string{"a-b,/<=>@~"}},
		{pattern: "形.", yes: []string{"形声"}},

		{pattern: "*a", noExpression: true},
		{pattern: "a**", noExpression: true},
		{pattern: "a*?", noExpression: true},
		{pattern: "a{1}{2}", noExpression: true},
		{pattern: "a{,2}", noExpression: true},
		{pattern: "a{2,1}", noExpression: true},
		{pattern: "a{", noExpression: true},
		{pattern: "a{1", noExpression: true},
		{pattern: "a{x}", noExpression: true},
		{pattern: "a}", noExpression: true},
		{pattern: "(a", noExpression: true},
		{pattern: "a)", noExpression: true},
		{pattern: "(?:a)", noExpression: true},
		{pattern: "(?i)a", noExpression: true},
		{pattern: "[", noExpression: true},
		{pattern: "[]", noExpression: true},
		{pattern: "[^]", noExpression: true},
		{pattern: "[a", noExpression: true},
		{pattern: "[b-a]", noExpression: true},
		{pattern: "[a-b-c]", noExpression: true},
		{pattern: "[---]", noExpression: true},
		{pattern: "[[:alpha:]]", noExpression: true},
		{pattern: `[a-\p{L}]`, noExpression: true},
		{pattern: "]", noExpression: true},
		{pattern: `\d`, noExpression: true},
		{pattern: `\w|\s|\b`, noExpression: true},
		{pattern: `\$`, noExpression: true},
		{pattern: `\u0061`, noExpression: true},
		{pattern: `(a)\1`, noExpression: true},
		{pattern: `a\`, noExpression: true},
		{pattern: `\p{}`, noExpression: true},
		{pattern: `\p{Latin}`, noExpression: true},
		{pattern: `\p{Cs}`, noExpression: true},
		{pattern: `\p{Xx}`, noExpression: true},
		{pattern: `\p{L`, noExpression: true},
		{pattern: `\pL`, noExpression: true},
		{pattern: `[\d]`, noExpression: true},
	}
	for _, test := range tests {
		for _, subject := range test.yes {
			checkPattern(t, test.pattern, subject, true)
		}
		for _, subject := range test.no {
			checkPattern(t, test.pattern, subject, false)
		}
		if test.noExpression {
			checkPattern(t, test.pattern, test.pattern, false)
			checkPattern(t, test.pattern, "a", false)
		}
	}
}

// checkPattern matches the whole subject against the pattern.
func checkPattern(t *testing.T, pattern, subject string, want bool) {
	t.Helper()
	re, s := payload.Quote(pattern), payload.Quote(subject)
	root := parse(t, fmt.Sprintf(`{"re":%s,"list":[%s]}`, re, s))
	for _, query := range []string{"$.list[?match(@," + re + ")]", "$.list[?match(@,$.re)]"} {
		nodes, err := compile(t, query).Select(root)
		if got := len(nodes) == 1; err != nil || got != want {
			t.Errorf("%s: %q matches %q: %t, %v; want %t", query, pattern, subject, got, err, want)
		}
	}
}
