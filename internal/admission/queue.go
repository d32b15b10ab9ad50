package admission

import (
	"container/list"
	"context"
	"sync"
)

// Limits bound what runs at a time. All are above 0.
type Limits struct {
	All     int // in all
	Project int // of one project
	Lane    int // of one lane, unless it has a limit of its own
}

// Lane names what is limited for itself within a project: a function.
type Lane struct {
	Project string
	Name    string
	Max     int // of it at a time; 0: as many as the Limits say
}

// Starter starts run in a goroutine of its own, with a context that ends when
// the returned function is called. It returns at once.
type Starter func(run func(ctx context.Context)) (cancel context.CancelFunc)

// Queue runs what is added to it, as much at a time as the limits allow. What
// has to wait costs no goroutine. Places go round: to one project after
// another, within a project to one lane after another, and there to what has
// waited longest. So neither a slow function nor a flood of one project takes
// more than its part, and the others do not wait behind it.
//
// A lane is in its project's round while something waits in it and it is below
// its limit; a project is in the queue's round while it is below its limit and
// its own round is not empty. settle keeps that so.
type Queue struct {
	limits Limits
	start  Starter

	mu       sync.Mutex // guards all below, and what lanes, projects and tickets hold
	closed   bool
	running  int
	projects map[string]*project // those of which anything runs or waits
	round    list.List           // of *project
}

type project struct {
	name    string
	running int
	lanes   map[string]*lane // those of which anything runs or waits
	round   list.List        // of *lane
	turn    turn             // in the queue's round
}

type lane struct {
	project *project
	name    string
	max     int
	running int
	waiting list.List // of *Ticket
	turn    turn      // in the project's round
}

// Ticket is for something that was added.
type Ticket struct {
	queue  *Queue
	lane   *lane
	run    func(ctx context.Context)
	place  *list.Element      // while it waits
	cancel context.CancelFunc // once it runs
}

// NewQueue returns a queue that runs with start what may run.
func NewQueue(limits Limits, start Starter) *Queue {
	return &Queue{limits: limits, start: start, projects: map[string]*project{}}
}

// Add lets run begin when its turn has come, which may be at once.
func (q *Queue) Add(in Lane, run func(ctx context.Context)) *Ticket {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lane(in)
	t := &Ticket{queue: q, lane: l, run: run}
	t.place = l.waiting.PushBack(t)
	q.settle(l)
	q.fill()
	return t
}

// Cancel keeps what was added from running, or ends its context if it runs.
func (t *Ticket) Cancel() {
	q := t.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	if t.place != nil {
		q.take(t)
		q.settle(t.lane)
	}
	if t.cancel != nil {
		t.cancel()
	}
}

// Close lets nothing begin any more. What runs goes on.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
}

// lane returns a lane, with the limit that it has now.
func (q *Queue) lane(in Lane) *lane {
	p := q.projects[in.Project]
	if p == nil {
		p = &project{name: in.Project, lanes: map[string]*lane{}}
		q.projects[in.Project] = p
	}
	l := p.lanes[in.Name]
	if l == nil {
		l = &lane{project: p, name: in.Name}
		p.lanes[in.Name] = l
	}
	l.max = in.Max
	if l.max == 0 {
		l.max = q.limits.Lane
	}
	return l
}

// fill lets run what may.
func (q *Queue) fill() {
	for !q.closed && q.running < q.limits.All && q.round.Len() > 0 {
		first := q.round.Front()
		q.round.MoveToBack(first)
		next := first.Value.(*project).round.Front()
		l := next.Value.(*lane)
		l.project.round.MoveToBack(next)
		q.begin(l.waiting.Front().Value.(*Ticket))
	}
}

func (q *Queue) begin(t *Ticket) {
	q.take(t)
	q.count(t.lane, 1)
	t.cancel = q.start(func(ctx context.Context) {
		defer q.end(t)
		t.run(ctx)
	})
}

// end gives the place of what has run to another.
func (q *Queue) end(t *Ticket) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.count(t.lane, -1)
	q.fill()
}

// take ends a wait. The caller settles the lane.
func (q *Queue) take(t *Ticket) {
	t.lane.waiting.Remove(t.place)
	t.place = nil
}

func (q *Queue) count(l *lane, n int) {
	q.running += n
	l.project.running += n
	l.running += n
	q.settle(l)
}

// settle puts a lane and its project where they belong: into the round, out of
// it, or, if nothing of them is left, out of memory.
func (q *Queue) settle(l *lane) {
	p := l.project
	l.turn.in(&p.round, l, l.waiting.Len() > 0 && l.running < l.max)
	p.turn.in(&q.round, p, p.round.Len() > 0 && p.running < q.limits.Project)
	if l.running == 0 && l.waiting.Len() == 0 {
		delete(p.lanes, l.name)
	}
	if len(p.lanes) == 0 {
		delete(q.projects, p.name)
	}
}

// turn is a place in a round; nil for none.
type turn struct{ *list.Element }

// in puts a member into the round, at its end, or takes it out, or leaves it.
func (t *turn) in(round *list.List, member any, belongs bool) {
	switch {
	case belongs && t.Element == nil:
		t.Element = round.PushBack(member)
	case !belongs && t.Element != nil:
		round.Remove(t.Element)
		t.Element = nil
	}
}
