package block

import "heddle/internal/store"

// lookEvery is after how many starts in a graph its open block is looked at. A
// look counts the block.
const lookEvery = Size / 4

// Starts counts starts, and says which graphs are to be looked at: those with
// many since the last time, and every graph after its first.
type Starts struct {
	sinceLook map[store.GraphID]int64
	due       chan store.GraphID
}

// NewStarts returns a count of nothing.
func NewStarts() *Starts {
	const dueMax = 256 // one that finds no place has its turn after as many starts again
	return &Starts{sinceLook: map[store.GraphID]int64{}, due: make(chan store.GraphID, dueMax)}
}

// Add counts starts in a graph. One goroutine at a time calls it.
func (s *Starts) Add(graph store.GraphID, n int64) {
	since, known := s.sinceLook[graph]
	since += n
	if !known || since >= lookEvery {
		s.Look(graph)
		since = 0
	}
	s.sinceLook[graph] = since
}

// Forget forgets a graph that was deleted. Whoever calls Add calls it.
func (s *Starts) Forget(graph store.GraphID) { delete(s.sinceLook, graph) }

// Look has a graph looked at soon.
func (s *Starts) Look(graph store.GraphID) {
	select {
	case s.due <- graph:
	default:
	}
}
