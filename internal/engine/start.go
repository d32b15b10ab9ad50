package engine

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/store"
	"heddle/internal/urn"
)

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
// It returns ErrOverloaded or ErrShareUsed if there is no room for it: at once,
// or after StartWait if its commit has not begun by then. If ctx ends later than
// that, it returns store.ErrOutcomeUnknown, and the execution may run.
func (e *Engine) Start(ctx context.Context, req StartRequest) (Started, error) {
	if err := e.Ready(); err != nil {
		return Started{}, err
	}
	g, err := e.graphs.byName(ctx, req.Project, req.Graph)
	if err != nil {
		return Started{}, err
	}
	id, err := uuid.NewV7() // later ones compare greater
	if err != nil {
		return Started{}, fmt.Errorf("make execution id: %w", err)
	}
	if err := e.admitStart(req.Project); err != nil {
		return Started{}, err
	}
	defer e.starts.Leave(req.Project)
	conceived, d := Conceive(g, store.ExecutionID(id), now(), req)
	x := &resident{Execution: conceived, busy: true, counted: req.Project}
	d.Turn.Lease = e.leaseOf(x.Key.ID)
	if d.Turn.Head.Wake == store.Now {
		e.hold(x)
	}
	p, queued := e.commits.start(d.Turn)
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
		e.committed(x.Execution)
	}
	e.carryOut(x, a.Work)
	switch {
	case a.Next == Look:
		e.work.Go(func() {
			e.turn(x, a.Answer(nil))
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

// Conceive makes the execution that a start asks for, and drafts its first turn.
func Conceive(g *Graph, id store.ExecutionID, at journal.Millis, req StartRequest) (*Execution, Draft) {
	key := store.Key{Graph: g.ID, ID: id}
	x := &Execution{Key: key, graph: g}
	x.head = store.Head{Key: key, Name: req.Name, Test: req.Test, Revision: g.Revision, StartedAt: at}
	x.URN = g.urnOf(x.head)
	d := x.decide(g.Machine, at, []machine.Input{machine.Start{Name: req.Name, Input: req.Input}})
	d.Turn.Key = keyOf(req, at)
	return x, d
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
		return Started{URN: x.URN, At: x.head.StartedAt}, Aftermath{Work: x.work(draining)}
	case errors.Is(err, store.ErrExists):
		earlier := outcome.Earlier
		if earlier.Request != requestHash(req) {
			return Started{}, Aftermath{Err: ErrKeyReused}
		}
		return Started{URN: x.graph.urnOf(earlier.Head), At: earlier.Head.StartedAt}, Aftermath{}
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
// looks for it once it is finds this one and not a copy of its own.
func (e *Engine) hold(x *resident) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.running[x.Key] = x
}

// leave takes an execution out of memory that was not stored.
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
}
