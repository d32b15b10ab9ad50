package block

import "heddle/internal/store"

// starts counts starts, and says which graphs are to be looked at: those with
// many since the last time, and every graph after its first.
type starts struct {
	lookEvery int64 // a look counts the open block
	sinceLook map[store.GraphID]int64
	due       chan store.GraphID
}

func newStarts(lookEvery int64) starts {
	const dueMax = 256 // one that finds no place has its turn after as many starts again
	return starts{lookEvery, map[store.GraphID]int64{}, make(chan store.GraphID, dueMax)}
}

// Add counts starts in a graph. One goroutine at a time calls it.
func (s *starts) Add(graph store.GraphID, n int64) {
	since, known := s.sinceLook[graph]
	since += n
	if !known || since >= s.lookEvery {
		s.Look(graph)
		since = 0
	}
	s.sinceLook[graph] = since
}

// Forget forgets a graph that was deleted. Whoever calls Add calls it.
func (s *starts) Forget(graph store.GraphID) { delete(s.sinceLook, graph) }

// Look has a graph looked at soon.
func (s *starts) Look(graph store.GraphID) {
	select {
	case s.due <- graph:
	default:
	}
}
