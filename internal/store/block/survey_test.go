package block_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"heddle/internal/store/block"
)

func TestSurvey(t *testing.T) {
	t.Parallel()
	var distinct []string
	for n := range 200 {
		distinct = append(distinct, fmt.Sprintf("n%03d", n))
	}
	many := func(name string, n int) []string { return slices.Repeat([]string{name}, n) }
	tests := map[string]struct {
		names []string
		want  string
	}{
		"none":                       {nil, ""},
		"one":                        {[]string{"a"}, "a-a:1"},
		"few":                        {[]string{"a", "b", "b", "c"}, "a-c:4"},
		"ranges of equal size":       {distinct, "n000-n063:64 n064-n127:64 n128-n191:64 n192-n199:8"},
		"a frequent name is alone":   {slices.Concat([]string{"a"}, many("b", 64), []string{"c"}), "a-a:1 b-b:64 c-c:1"},
		"only a frequent name":       {many("b", 5000), "b-b:5000"},
		"less frequent ones are not": {slices.Concat(many("a", 63), many("b", 63), many("c", 63)), "a-b:126 c-c:63"},
		"the empty name":             {[]string{"", "", "a"}, "-a:3"},
	}
	for name, test := range tests {
		var s block.Survey
		for i, n := range test.names {
			s.Add(n, idOf(i*7919%10_000))
		}
		if s.Executions != int64(len(test.names)) {
			t.Errorf("%s: %d executions", name, s.Executions)
		}
		var got []string
		for _, r := range s.Ranges() {
			got = append(got, fmt.Sprintf("%s-%s:%d", r.First, r.Last, r.Executions))
		}
		if text := strings.Join(got, " "); text != test.want {
			t.Errorf("%s: got %q, want %q", name, text, test.want)
		}
	}
}

func TestSurveyBounds(t *testing.T) {
	t.Parallel()
	for _, numbers := range [][]int{{5}, {5, 9, 3, 7}, {0, 1}, {1, 0}} {
		var s block.Survey
		for _, n := range numbers {
			s.Add("x", idOf(n))
		}
		if s.First != idOf(slices.Min(numbers)) || s.Last != idOf(slices.Max(numbers)) {
			t.Errorf("%v: from %x to %x", numbers, s.First, s.Last)
		}
	}
}
