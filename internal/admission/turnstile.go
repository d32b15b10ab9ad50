package admission

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// Turnstile lets few be inside at a time and the others wait. Places go round: to
// one project after another, and within a project to who has waited longest. So
// a project that sends many waits for itself, and one that sends few hardly
// waits at all.
type Turnstile struct {
	mu     sync.Mutex // guards all below, and what lines hold
	free   int
	lines  map[string]*line // of projects with any who wait
	rounds list.List        // of *line
}

// line is who waits of one project.
type line struct {
	project string
	waiting list.List // of chan struct{}, which is closed when its place is there
	turn    *list.Element
}

// NewTurnstile returns one that lets so many in at a time.
func NewTurnstile(places int) *Turnstile {
	return &Turnstile{free: places, lines: map[string]*line{}}
}

// Enter waits for a place, or reports that there was none before ctx or the patience
// came to an end. Whoever was let in leaves once.
func (t *Turnstile) Enter(ctx context.Context, project string, patience time.Duration) bool {
	t.mu.Lock()
	if t.free > 0 { // then nobody waits
		t.free--
		t.mu.Unlock()
		return true
	}
	l := t.lines[project]
	if l == nil {
		l = &line{project: project}
		l.turn = t.rounds.PushBack(l)
		t.lines[project] = l
	}
	entered := make(chan struct{})
	place := l.waiting.PushBack(entered)
	t.mu.Unlock()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-entered:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	select {
	case <-entered: // just now: the place is for the next
		t.pass()
	default:
		t.take(l, place)
	}
	return false
}

// Leave gives the place to the next.
func (t *Turnstile) Leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pass()
}

func (t *Turnstile) pass() {
	first := t.rounds.Front()
	if first == nil {
		t.free++
		return
	}
	t.rounds.MoveToBack(first)
	l := first.Value.(*line)
	place := l.waiting.Front()
	close(place.Value.(chan struct{}))
	t.take(l, place)
}

// take ends a wait, and the line with its last.
func (t *Turnstile) take(l *line, place *list.Element) {
	l.waiting.Remove(place)
	if l.waiting.Len() == 0 {
		t.rounds.Remove(l.turn)
		delete(t.lines, l.project)
	}
}
