// Package admission decides who is let in while there is not room for all:
// a Gate says at once whether there is room; at a Turnstile and in a Queue one
// waits until there is. All are fair between projects: what one of them asks for does not keep the
// others out.
//
// The package knows nothing of what it lets in.
package admission

import (
	"errors"
	"sync"
	"time"
)

// The reasons of a Gate.
var (
	ErrFull  = errors.New("there is no room")
	ErrShare = errors.New("the project has all of its share")
)

// Room is how many may be inside at a time. Max and Share
// are above 0.
type Room struct {
	Max   int // in all
	Share int // of one project, while there is no other; at most Max

	// Narrow divides the share of a project for a while after it was refused. So
	// a crowd that comes once is let in as a whole, but of one that does not end
	// only few are inside at a time, who get on quickly. 0 and 1 leave it.
	Narrow int
}

// narrowDuration is how long a share stays narrow: long enough to last from one
// refusal to the next while too many come, short enough not to be noticed once
// they do not.
const narrowDuration = 250 * time.Millisecond

// Gate lets in as many as there is room for. It may be used by many goroutines.
//
// Each project may have as much again of what is free as Share stands to the
// rest of Max: with three quarters, three times as much. The more projects want
// in, the less each of them gets, and there is always some room left for one
// more (Choudhury and Hahne, dynamic queue length thresholds).
type Gate struct {
	room Room

	mu    sync.Mutex        // guards all below
	total int               // inside
	of    map[string]*crowd // by project: those with any inside
}

// crowd is who is inside of one project.
type crowd struct {
	inside  int
	refused time.Time // when there were too many last
}

// NewGate returns a gate to a room.
func NewGate(room Room) *Gate {
	return &Gate{room: room, of: map[string]*crowd{}}
}

// Enter lets one of a project in, or returns ErrFull or ErrShare. Whoever was
// let in leaves once.
func (g *Gate) Enter(project string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.check(project); err != nil {
		return err
	}
	g.add(project)
	return nil
}

// Check returns what Enter would return now, and is a refusal just like it. It
// is for those who would have work to do before they could enter.
func (g *Gate) Check(project string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.check(project)
}

func (g *Gate) check(project string) error {
	c := g.of[project]
	if c == nil {
		c = new(crowd)
	}
	now := time.Now()
	share := g.room.Share
	if now.Sub(c.refused) < narrowDuration {
		share = max(1, share/max(1, g.room.Narrow))
	}
	free := g.room.Max - g.total
	switch {
	case free > 0 && c.inside >= share:
		c.refused = now
		return ErrShare
	case free <= 0, c.inside*(g.room.Max-g.room.Share) >= g.room.Share*free:
		c.refused = now
		return ErrFull
	}
	return nil
}

// Push lets one in that cannot be kept out, whether there is room or not.
func (g *Gate) Push(project string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.add(project)
}

func (g *Gate) add(project string) {
	c := g.of[project]
	if c == nil {
		c = new(crowd)
		g.of[project] = c
	}
	g.total++
	c.inside++
}

// Leave makes room.
func (g *Gate) Leave(project string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.of[project]
	g.total--
	c.inside--
	if c.inside == 0 {
		delete(g.of, project)
	}
}
