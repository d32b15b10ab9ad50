package block

import (
	"slices"
	"testing"

	"heddle/internal/store"
)

func TestStarts(t *testing.T) {
	t.Parallel()
	s := newStarts(100)
	due := func() (graphs []store.GraphID) {
		for {
			select {
			case g := <-s.due:
				graphs = append(graphs, g)
			default:
				return graphs
			}
		}
	}
	want := func(what string, graphs ...store.GraphID) {
		t.Helper()
		if got := due(); !slices.Equal(got, graphs) {
			t.Errorf("%s: %v are to be looked at, want %v", what, got, graphs)
		}
	}
	s.Add(1, 1)
	s.Add(2, 5)
	want("after the first starts", 1, 2)
	s.Add(1, 99)
	s.Add(2, 1)
	want("after some", []store.GraphID{}...)
	s.Add(1, 1)
	s.Add(2, 1)
	want("after many in one", 1)
	s.Forget(2)
	s.Add(2, 1)
	s.Look(1)
	want("after forgetting", 2, 1)
	for n := range 10_000 {
		s.Look(store.GraphID(n)) // never waits
	}
}
