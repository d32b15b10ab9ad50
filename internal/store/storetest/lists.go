package storetest

import (
	"fmt"
	"slices"

	"heddle/internal/store"
)

// graphs returns the names of a page of graphs, and the count.
func (f *fixture) graphs(filter store.GraphFilter, page store.Page) ([]string, int64) {
	f.Helper()
	filter.Project = project
	graphs, n, err := f.store.ListGraphs(f.Context(), filter, page)
	f.no(err)
	names := []string{}
	for _, g := range graphs {
		names = append(names, g.Name)
		if byID, err := f.store.GraphByID(f.Context(), g.ID); err != nil || byID != g {
			f.Errorf("listed %+v, found %+v, %v", g, byID, err)
		}
	}
	return names, n
}

func testListGraphs(f *fixture) {
	ids := map[string]store.GraphID{}
	for _, name := range []string{"a", "video", "video-2", "Video", "b_1", "b-1", "video_3"} {
		ids[name] = f.graph(name)
	}
	_, err := f.store.CreateGraph(f.Context(), store.Graph{Project: "another", Name: "video-9"}, "t", store.References{})
	f.no(err)
	f.executions(ids["video"], 1, 3)

	after := func(name string, page store.Page) store.Page {
		id := ids[name]
		page.AfterGraph = &id
		return page
	}
	for name, test := range map[string]struct {
		filter store.GraphFilter
		page   store.Page
		want   []string
		count  int64
	}{
		"newest":          {store.GraphFilter{}, store.Page{Limit: 3}, []string{"video_3", "b-1", "b_1"}, 7},
		"oldest":          {store.GraphFilter{}, store.Page{Limit: 2, Ascending: true}, []string{"a", "video"}, 7},
		"from an offset":  {store.GraphFilter{}, store.Page{Offset: 5, Limit: 10}, []string{"video", "a"}, 7},
		"from the end":    {store.GraphFilter{}, store.Page{Offset: 7, Limit: 10}, nil, 7},
		"beyond the end":  {store.GraphFilter{}, store.Page{Offset: 100, Limit: 10}, nil, 7},
		"count only":      {store.GraphFilter{}, store.Page{}, nil, 7},
		"after one":       {store.GraphFilter{}, after("Video", store.Page{Limit: 2}), []string{"video-2", "video"}, 7},
		"after, oldest":   {store.GraphFilter{}, after("Video", store.Page{Limit: 2, Ascending: true}), []string{"b_1", "b-1"}, 7},
		"after the last":  {store.GraphFilter{}, after("a", store.Page{Limit: 2}), nil, 7},
		"by prefix":       {store.GraphFilter{NamePrefix: "video"}, store.Page{Limit: 10}, []string{"video_3", "video-2", "video"}, 3},
		"by prefix, page": {store.GraphFilter{NamePrefix: "video"}, store.Page{Offset: 1, Limit: 1}, []string{"video-2"}, 3},
		"after, filtered": {store.GraphFilter{NamePrefix: "video"}, after("b_1", store.Page{Limit: 10}), []string{"video-2", "video"}, 3},
		"_ is a sign":     {store.GraphFilter{NamePrefix: "b_"}, store.Page{Limit: 10}, []string{"b_1"}, 1},
		"% is a sign":     {store.GraphFilter{NamePrefix: "%"}, store.Page{Limit: 10}, nil, 0},
		"by name":         {store.GraphFilter{Name: "video"}, store.Page{Limit: 10}, []string{"video"}, 1},
		"by unknown name": {store.GraphFilter{Name: "vide"}, store.Page{Limit: 10}, nil, 0},
	} {
		got, count := f.graphs(test.filter, test.page)
		if !slices.Equal(got, test.want) || count != test.count {
			f.Errorf("%s: got %v of %d, want %v of %d", name, got, count, test.want, test.count)
		}
	}
}

func testListGraphsByReference(f *fixture) {
	const function = "urn:fss:r:p:function:default:f:latest"
	trigger := f.trigger("asked", "topic").URN
	one := f.graphNaming("one", store.References{Functions: []string{function, function, "g"}})
	two := f.graphNaming("two", store.References{Functions: []string{"g"}, Triggers: []string{trigger}})
	f.graphNaming("three", store.References{Functions: []string{trigger}})

	want := func(filter store.GraphFilter, want ...string) {
		f.Helper()
		got, n := f.graphs(filter, store.Page{Limit: 10})
		if !slices.Equal(got, want) || n != int64(len(want)) {
			f.Errorf("%+v: got %v of %d, want %v", filter, got, n, want)
		}
	}
	want(store.GraphFilter{Function: function}, "one")
	want(store.GraphFilter{Function: "g"}, "two", "one")
	want(store.GraphFilter{Trigger: trigger}, "two")
	want(store.GraphFilter{Function: "urn:fss:r:p:function:default:f"})

	_, err := f.store.UpdateGraph(f.Context(), one, "x", store.References{Triggers: []string{trigger}}, 2000)
	f.no(err)
	f.no(f.store.DeleteGraph(f.Context(), two, 2000))
	want(store.GraphFilter{Function: function})
	want(store.GraphFilter{Function: "g"})
	want(store.GraphFilter{Trigger: trigger}, "one")
}

// listed returns the numbers of a page of executions, and the count.
func (f *fixture) listed(filter store.ExecutionFilter, page store.Page) ([]int, int64) {
	f.Helper()
	heads, n, err := f.store.ListExecutions(f.Context(), filter, page)
	f.no(err)
	numbers := []int{}
	for _, h := range heads {
		number := int(h.StartedAt)
		if h.ID != id(number) {
			f.Errorf("execution %x has the head of %d", h.ID, number)
		}
		numbers = append(numbers, number)
	}
	return numbers, n
}

func testListExecutions(f *fixture) {
	graph, other := f.graph("video"), f.graph("other")
	// Not in the order of their ids.
	f.executions(graph, 4, 3)
	f.executions(graph, 1, 3)
	f.executions(other, 7, 2)

	all := store.ExecutionFilter{Graph: graph}
	one, absent := id(3), id(7)
	after := func(n int, page store.Page) store.Page {
		cursor := id(n)
		page.AfterExecution = &cursor
		return page
	}
	for name, test := range map[string]struct {
		filter store.ExecutionFilter
		page   store.Page
		want   []int
		count  int64
	}{
		"newest":         {all, store.Page{Limit: 4}, []int{6, 5, 4, 3}, 6},
		"oldest":         {all, store.Page{Limit: 4, Ascending: true}, []int{1, 2, 3, 4}, 6},
		"from an offset": {all, store.Page{Offset: 4, Limit: 4}, []int{2, 1}, 6},
		"beyond the end": {all, store.Page{Offset: 6, Limit: 4}, nil, 6},
		"count only":     {all, store.Page{}, nil, 6},
		"after one":      {all, after(5, store.Page{Limit: 2}), []int{4, 3}, 6},
		"after, oldest":  {all, after(5, store.Page{Limit: 2, Ascending: true}), []int{6}, 6},
		"after the last": {all, after(1, store.Page{Limit: 2}), nil, 6},
		"after no one":   {all, after(100, store.Page{Limit: 2}), []int{6, 5}, 6},
		"by id":          {store.ExecutionFilter{Graph: graph, ID: &one}, store.Page{Limit: 10}, []int{3}, 1},
		"by id, past it": {store.ExecutionFilter{Graph: graph, ID: &one}, store.Page{Offset: 1, Limit: 10}, nil, 1},
		"by another's":   {store.ExecutionFilter{Graph: graph, ID: &absent}, store.Page{Limit: 10}, nil, 0},
		"another graph":  {store.ExecutionFilter{Graph: other}, store.Page{Limit: 10}, []int{8, 7}, 2},
	} {
		got, count := f.listed(test.filter, test.page)
		if !slices.Equal(got, test.want) || count != test.count {
			f.Errorf("%s: got %v of %d, want %v of %d", name, got, count, test.want, test.count)
		}
	}
	_, _, err := f.store.ListExecutions(f.Context(), store.ExecutionFilter{Graph: other + 1}, store.Page{Limit: 10})
	f.want(err, store.ErrNotFound)
}

func testListByPrefix(f *fixture) {
	graph := f.graph("video")
	for i, name := range []string{
		"a", "a%b", "a_b", "axb", "A", "分析", "分析-1", "分", "b", "a\U0010ffff", "a\U0010ffffz", "\U0010ffff", "a", "ab",
	} {
		t := f.first(graph, i)
		t.Head.Name = name
		f.stored(t)
	}
	for prefix, want := range map[string][]int{
		"a":            {13, 12, 10, 9, 3, 2, 1, 0},
		"a%":           {1},
		"a_":           {2},
		"A":            {4},
		"分":            {7, 6, 5},
		"分析":           {6, 5},
		"a\U0010ffff":  {10, 9},
		"\U0010ffff":   {11},
		"%":            nil,
		"ac":           nil,
		"\U0010ffff\"": nil,
	} {
		filter := store.ExecutionFilter{Graph: graph, NamePrefix: prefix}
		if got, n := f.listed(filter, store.Page{Limit: 100}); !slices.Equal(got, want) || n != int64(len(want)) {
			f.Errorf("prefix %q: got %v of %d, want %v", prefix, got, n, want)
		}
		slices.Reverse(want)
		if got, n := f.listed(filter, store.Page{Offset: 1, Limit: 2, Ascending: true}); n != int64(len(want)) ||
			!slices.Equal(got, want[min(1, len(want)):min(3, len(want))]) {
			f.Errorf("prefix %q, two of the oldest: got %v of %d, want of %v", prefix, got, n, want)
		}
	}
}

// testListFewOfMany has so many executions that a store may choose another way
// for a frequent prefix than for a rare one.
func testListFewOfMany(f *fixture) {
	graph := f.graph("video")
	const many = 600
	var turns []store.Turn
	for i := range many {
		t := f.first(graph, i)
		t.Head.Name = fmt.Sprintf("often-%d", i*7919%1000)
		if i%200 == 100 {
			t.Head.Name = fmt.Sprintf("rare-%d", i*7919%1000)
		}
		turns = append(turns, t)
	}
	f.stored(turns...)

	rare, often := store.ExecutionFilter{Graph: graph, NamePrefix: "rare"}, store.ExecutionFilter{Graph: graph, NamePrefix: "often-"}
	cursor := id(501)
	for name, test := range map[string]struct {
		filter store.ExecutionFilter
		page   store.Page
		want   []int
		count  int64
	}{
		"rare":          {rare, store.Page{Limit: 10}, []int{500, 300, 100}, 3},
		"rare, oldest":  {rare, store.Page{Limit: 2, Ascending: true}, []int{100, 300}, 3},
		"often":         {often, store.Page{Limit: 3}, []int{599, 598, 597}, many - 3},
		"often, offset": {often, store.Page{Offset: 98, Limit: 3}, []int{501, 499, 498}, many - 3},
		"often, oldest": {often, store.Page{Offset: 99, Limit: 2, Ascending: true}, []int{99, 101}, many - 3},
		"often, after":  {often, store.Page{Limit: 2, AfterExecution: &cursor}, []int{499, 498}, many - 3},
		"rare, after":   {rare, store.Page{Limit: 2, AfterExecution: &cursor}, []int{500, 300}, 3},
	} {
		got, count := f.listed(test.filter, test.page)
		if !slices.Equal(got, test.want) || count != test.count {
			f.Errorf("%s: got %v of %d, want %v of %d", name, got, count, test.want, test.count)
		}
	}
}
