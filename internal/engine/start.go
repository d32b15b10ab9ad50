package engine

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/store"
	"heddle/internal/urn"
)

// startsAtOnce is how many starts are on their way to a commit at a time; the others
// wait for their turn, fair between projects. It is enough for a commit to be worth
// its wait for the disk, and few enough that a start which comes alone among a
// flood of others is through soon.
const startsAtOnce = 64

// keyLifetime is how long an idempotency key is kept.
const keyLifetime = 24 * time.Hour

// StartRequest asks for one run of a graph.
type StartRequest struct {
	Project        string
	Graph          string // its name
	Name           string // of the execution; names may repeat
	Input          string // JSON text, known to be valid
	Test           bool   // started by test_start
	IdempotencyKey string // if set, a repeated request starts nothing

	// Event is the event that starts it, or nil. One event starts one execution of
	// a graph, however often that is asked for; the engine names it.
	Event *store.Event
	// Tick is that of the timer that starts it, or nil. If the timer is not due any
	// more, nothing starts.
	Tick *store.Tick
}

// Started is what a start made.
type Started struct {
	URN urn.Execution
	At  journal.Millis
}

// Start begins an execution and returns when that is recorded. With an
// idempotency key that was used before it returns what the first start made,
// or ErrKeyReused if that asked for something else.
//
// A start by a timer returns store.ErrNotDue if the timer has moved on: what it was
// to start has been started, or is not to be.
//
// It returns ErrOverloaded or ErrShareUsed if there is no room for it: at once,
// or after StartWait if its commit has not begun by then. If ctx ends later than
// that, it returns store.ErrOutcomeUnknown, and the execution may run.
func (e *Engine) Start(ctx context.Context, req StartRequest) (Started, error) {
	if err := e.takesWork(); err != nil {
		return Started{}, err
	}
	g, err := e.graphs.byName(ctx, req.Project, req.Graph)
	if err != nil {
		return Started{}, err
	}
	id, err := newID(g, req)
	if err != nil {
		return Started{}, fmt.Errorf("make execution id: %w", err)
	}
	if err := e.admitStart(req.Project); err != nil {
		return Started{}, err
	}
	defer e.starts.Leave(req.Project)
	if !e.turns.Enter(ctx, req.Project, e.cfg.StartWait) {
		e.open.Leave(req.Project)
		return Started{}, e.refuse(ErrOverloaded)
	}
	leave := sync.OnceFunc(e.turns.Leave)
	defer leave()
	conceived, d := Conceive(g, id, now(), req)
	x := &resident{Execution: conceived, busy: true, counted: req.Project}
	d.Turn.Lease = e.leaseOf(x.Key.ID)
	if d.Turn.Head.Wake == store.Now {
		if other := e.hold(x); other != nil {
			e.uncount(x)
			return x.Meet(other.Execution)
		}
	}
	p, queued := e.commits.start(d.Turn, leave)
	if !queued || !p.await(ctx, e.cfg.StartWait) {
		e.leave(x)
		return Started{}, e.refuse(ErrOverloaded)
	}
	select {
	case <-p.done:
		return e.begun(x, d, p.outcome, req)
	case <-ctx.Done():
		e.work.Go(func() {
			<-p.done
			if _, err := e.begun(x, d, p.outcome, req); err != nil {
				e.log.Warn("start that nobody waited for", "execution", x.URN.String(), "error", err)
			}
		})
		return Started{}, fmt.Errorf("start execution: %w: %w", store.ErrOutcomeUnknown, ctx.Err())
	}
}

// begun goes on after the first commit of an execution. The caller is its worker.
func (e *Engine) begun(x *resident, d Draft, outcome store.Outcome, req StartRequest) (Started, error) {
	started, a := x.Begun(d, outcome, req, e.isDraining())
	if outcome.Err == nil {
		e.committed(x.Execution, d)
	}
	e.carryOut(x, a.Work)
	switch {
	case a.Next == Look:
		e.work.Go(func() {
			e.turn(x, x.Answer(a, nil))
			e.workOn(x)
		})
	case outcome.Err != nil:
		e.leave(x)
	case d.Turn.Head.Wake != store.Now:
		e.uncount(x)
	case !e.rest(x):
		e.work.Go(func() { e.workOn(x) })
	}
	return started, e.admit(a.Err)
}

// newID makes the id of an execution. Later ones compare greater; that of one
// that an event starts follows from the event, so that a second one is no other.
func newID(g *Graph, req StartRequest) (store.ExecutionID, error) {
	if req.Event != nil {
		return StartedBy(req.Event, g.ID), nil
	}
	id, err := uuid.NewV7()
	return store.ExecutionID(id), err
}

// StartedBy returns the id of the execution of a graph that an event starts: a
// UUID of version 7 with the time at which the event was accepted.
func StartedBy(event *store.Event, graph store.GraphID) store.ExecutionID {
	hash := sha256.Sum256(fmt.Appendf(nil, "%d/%d", event.Number, graph))
	var id store.ExecutionID
	binary.BigEndian.PutUint64(id[:8], uint64(event.AcceptedAt)<<16)
	copy(id[6:], hash[:])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}

// Conceive makes the execution that a start asks for, and drafts its first turn.
// One that an event starts is not older than the event.
func Conceive(g *Graph, id store.ExecutionID, at journal.Millis, req StartRequest) (*Execution, Draft) {
	if req.Event != nil {
		req.Name = uuid.UUID(id).String()
		at = max(at, req.Event.AcceptedAt)
	}
	key := store.Key{Graph: g.ID, ID: id}
	x := &Execution{Key: key, graph: g}
	x.head = store.Head{Key: key, Name: req.Name, Test: req.Test, Revision: g.Revision, StartedAt: at}
	x.URN = g.urnOf(x.head)
	d := x.decide(g, at, []machine.Input{machine.Start{Name: req.Name, Input: req.Input}})
	d.Turn.Key, d.Turn.Tick = keyOf(req, at), req.Tick
	return x, d
}

// Meet answers a start whose event has an execution in memory already. As long as
// that is not known to be stored it may come to nothing, and the event would have
// started none.
func (x *Execution) Meet(other *Execution) (Started, error) {
	if !other.stored.Load() {
		return Started{}, fmt.Errorf("start execution: %w: it is not known yet what has become of an earlier start", store.ErrUnavailable)
	}
	return Started{URN: x.URN, At: x.head.StartedAt}, nil
}

// Begun ends the first turn, given its outcome: it returns the answer to the
// start. Where that is an earlier execution, or none, this one is not stored.
// Where it is not known, the caller looks for an execution that would be in hand:
// nobody else would before the next start.
func (x *Execution) Begun(d Draft, outcome store.Outcome, req StartRequest, draining bool) (Started, Aftermath) {
	err := outcome.Err
	switch {
	case err == nil:
		x.progress = d.next
		x.stored.Store(true)
		return Started{URN: x.URN, At: x.head.StartedAt}, Aftermath{Work: x.work(draining)}
	case errors.Is(err, store.ErrExists):
		earlier := outcome.Earlier
		if earlier.Request != requestHash(req) {
			return Started{}, Aftermath{Err: ErrKeyReused}
		}
		return Started{URN: x.graph.urnOf(earlier.Head), At: earlier.Head.StartedAt}, Aftermath{}
	case errors.Is(err, store.ErrStale) && req.Event != nil: // the event has started it before
		return Started{URN: x.URN, At: x.head.StartedAt}, Aftermath{}
	}
	a := Aftermath{Err: fmt.Errorf("start execution: %w", err)}
	wake := d.Turn.Head.Wake
	switch {
	case MustStop(err):
		a.Next = Halt
	case !errors.Is(err, store.ErrOutcomeUnknown):
	case wake == store.Now:
		a.Next = Look
		x.graph = nil
	case wake > store.Now:
		a.Work.Alarm = journal.Millis(wake)
	}
	return Started{}, a
}

func keyOf(req StartRequest, at journal.Millis) *store.IdempotencyKey {
	if req.IdempotencyKey == "" {
		return nil
	}
	return &store.IdempotencyKey{
		Text:    req.IdempotencyKey,
		Request: requestHash(req),
		Expires: at + journal.Millis(keyLifetime.Milliseconds()),
	}
}

// requestHash tells whether two requests ask for the same.
func requestHash(req StartRequest) [32]byte {
	var text []byte
	for _, field := range []string{req.Name, req.Input, fmt.Sprint(req.Test)} {
		text = binary.AppendUvarint(text, uint64(len(field)))
		text = append(text, field...)
	}
	return sha256.Sum256(text)
}

// hold puts a new execution into memory before it is stored, so that whoever
// looks for it once it is finds this one and not a copy of its own. It returns the
// one that is there already, or nil.
func (e *Engine) hold(x *resident) *resident {
	e.mu.Lock()
	defer e.mu.Unlock()
	other := e.running[x.Key]
	if other == nil {
		e.running[x.Key] = x
	}
	return other
}

// leave takes an execution out of memory that was not stored. What has been
// brought to it meanwhile is for the one that is, if an event had started it
// before.
func (e *Engine) leave(x *resident) {
	e.mu.Lock()
	defer e.mu.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.gone = true
	if e.running[x.Key] == x {
		delete(e.running, x.Key)
	}
	e.uncount(x)
	if messages := x.inbox; len(messages) > 0 {
		e.work.Go(func() { e.post(x.Key, messages...) })
	}
}
