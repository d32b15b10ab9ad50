// Package admission decides who is let in while there is not room for all:
// a Gate says at once whether there is room, a Queue lets wait until there is.
// Both are fair between projects: what one of them asks for does not keep the
// others out.
//
// The package knows nothing of what it lets in.
package admission

import (
	"errors"
	"sync"
)

// The reasons of a Gate.
var (
	ErrFull  = errors.New("there is no room")
	ErrShare = errors.New("the project has all of its share")
)

// Room is how many may be inside at a time. Share is below Max where one
// project must not keep the others out.
type Room struct {
	Max   int // in all
	Share int // of one project
}

// Gate lets in as many as there is room for. It may be used by many goroutines.
type Gate struct {
	room Room

	mu    sync.Mutex
	total int            // inside; guarded by mu
	of    map[string]int // by project, those that have any inside; guarded by mu
}

// NewGate returns a gate to a room.
func NewGate(room Room) *Gate {
	return &Gate{room: room, of: map[string]int{}}
}

// Enter lets one of a project in, or returns ErrFull or ErrShare. Whoever was
// let in leaves once.
func (g *Gate) Enter(project string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.total >= g.room.Max:
		return ErrFull
	case g.of[project] >= g.room.Share:
		return ErrShare
	}
	g.add(project)
	return nil
}

// Push lets one in that cannot be kept out, whether there is room or not.
func (g *Gate) Push(project string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.add(project)
}

func (g *Gate) add(project string) {
	g.total++
	g.of[project]++
}

// Leave makes room.
func (g *Gate) Leave(project string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.total--
	if g.of[project]--; g.of[project] == 0 {
		delete(g.of, project)
	}
}
