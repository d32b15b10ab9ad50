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
// If ctx ends first, it returns store.ErrOutcomeUnknown, and the execution may
// run.
func (e *Engine) Start(ctx context.Context, req StartRequest) (Started, error) {
	if err := e.Ready(); err != nil {
		return Started{}, err
	}
	if e.full() {
		return Started{}, fmt.Errorf("%d executions are in motion: %w", e.cfg.OpenMax, ErrOverloaded)
	}
	g, err := e.graphs.byName(ctx, req.Project, req.Graph)
	if err != nil {
		return Started{}, err
	}
	x, err := e.conceive(g, req)
	if err != nil {
		return Started{}, err
	}
	next, turn := x.decide(g.machine, x.head.StartedAt, machine.Start{Name: req.Name, Input: req.Input})
	turn.Lease = e.leaseOf(x.key.ID)
	turn.Key = keyOf(req, x.head.StartedAt)
	if turn.Head.Wake == store.Now {
		e.hold(x)
	}
	p, queued := e.commits.start(turn)
	if !queued {
		e.leave(x)
		return Started{}, fmt.Errorf("%d starts are waiting to be committed: %w", e.cfg.QueueMax, ErrOverloaded)
	}
	select {
	case <-p.done:
		return e.begun(x, next, p.outcome, req)
	case <-ctx.Done():
		e.work.Go(func() {
			<-p.done
			if _, err := e.begun(x, next, p.outcome, req); err != nil {
				e.log.Warn("start that nobody waited for", "execution", x.urn.String(), "error", err)
			}
		})
		return Started{}, fmt.Errorf("start execution: %w: %w", store.ErrOutcomeUnknown, ctx.Err())
	}
}

// conceive makes the execution that a start asks for, without any record yet.
func (e *Engine) conceive(g *graph, req StartRequest) (*execution, error) {
	id, err := uuid.NewV7() // later ones compare greater
	if err != nil {
		return nil, fmt.Errorf("make execution id: %w", err)
	}
	key := store.Key{Graph: g.ID, ID: store.ExecutionID(id)}
	x := &execution{key: key, busy: true, graph: g}
	x.head = store.Head{Key: key, Name: req.Name, Test: req.Test, Revision: g.Revision, StartedAt: now()}
	x.urn = e.urnOf(g, x.head)
	return x, nil
}

// begun goes on after the first commit of an execution. The caller is its worker.
func (e *Engine) begun(x *execution, next progress, outcome store.Outcome, req StartRequest) (Started, error) {
	if outcome.Err != nil {
		e.leave(x)
		if errors.Is(outcome.Err, store.ErrExists) {
			return e.repeated(x.graph, *outcome.Earlier, req)
		}
		return Started{}, e.admit(fmt.Errorf("start execution: %w", outcome.Err))
	}
	x.progress = next
	e.committed(x)
	started := Started{URN: x.urn, At: x.head.StartedAt}
	if next.head.Wake == store.Now {
		e.carryOut(x)
		if !e.rest(x) {
			e.work.Go(func() { e.workOn(x) })
		}
	}
	return started, nil
}

// repeated answers a start whose idempotency key was used before.
func (e *Engine) repeated(g *graph, earlier store.Earlier, req StartRequest) (Started, error) {
	if earlier.Request != requestHash(req) {
		return Started{}, ErrKeyReused
	}
	return Started{URN: e.urnOf(g, earlier.Head), At: earlier.Head.StartedAt}, nil
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

// full reports whether there is no room for another execution in motion.
func (e *Engine) full() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.running) >= e.cfg.OpenMax
}

// hold puts a new execution into memory before it is stored, so that whoever
// looks for it once it is finds this one and not a copy of its own.
func (e *Engine) hold(x *execution) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.running[x.key] = x
}

// leave takes an execution out of memory that was not stored.
func (e *Engine) leave(x *execution) {
	e.mu.Lock()
	defer e.mu.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.gone = true
	if e.running[x.key] == x {
		delete(e.running, x.key)
	}
}
