package postgres_test

import (
	"fmt"
	"slices"
	"testing"

	"heddle/internal/store"
)

// TestListFrequentNames has so many executions of one prefix that they are not
// sorted, and some of others between them. The number of an execution is its
// place in the list.
func TestListFrequentNames(t *testing.T) {
	t.Parallel()
	n := newNode(t, newDatabase(t).config("a")).prepare()
	const many, group = 20_480, 256
	for from := 0; from < many; from += group {
		var turns []store.Turn
		for number := from; number < from+group; number++ {
			turn := ended(n.lease, n.graph, number, number*7919%many)
			if number%100 == 7 {
				turn.Head.Name = fmt.Sprintf("other-%d", number)
			}
			turns = append(turns, turn)
		}
		if _, err := n.Commit(t.Context(), turns); err != nil {
			t.Fatal(err)
		}
	}

	const others = many/100 + 1
	cursor := ended(n.lease, n.graph, 108, 0).Head.ID
	for name, test := range map[string]struct {
		page store.Page
		want []int
	}{
		"newest":         {store.Page{Limit: 2}, []int{many - 1, many - 2}},
		"from an offset": {store.Page{Offset: 71, Limit: 3}, []int{many - 72, many - 74, many - 75}},
		"oldest":         {store.Page{Limit: 3, Offset: 5, Ascending: true}, []int{5, 6, 8}},
		"after one":      {store.Page{Limit: 2, AfterExecution: &cursor}, []int{106, 105}},
	} {
		heads, count, err := n.ListExecutions(t.Context(), store.ExecutionFilter{Graph: n.graph, NamePrefix: "analysis-"}, test.page)
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for _, h := range heads {
			got = append(got, int(h.ID[6])<<8|int(h.ID[7]))
		}
		if count != many-others || !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v of %d, want %v of %d", name, got, count, test.want, many-others)
		}
	}
}
