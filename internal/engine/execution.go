package engine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/store"
	"heddle/internal/urn"
)

// execution is one execution in memory.
//
// At any time at most one goroutine works on it. Whoever brings an input puts
// it into the inbox, and becomes the worker if there is none; the worker goes
// on until the inbox is empty. So inputs that arrive during a commit are
// decided together in the next turn.
type execution struct {
	key store.Key

	mu    sync.Mutex
	inbox []message // guarded by mu
	busy  bool      // there is a worker; guarded by mu
	gone  bool      // it has left memory: look it up again; guarded by mu

	// Owned by the worker.
	graph *graph // nil until loaded
	urn   urn.Execution
	progress
	calls map[attempt]context.CancelFunc // in flight
	nap   context.CancelFunc             // ends the wait for wake; nil if there is none
	wake  journal.Millis                 // what nap waits for
}

// progress is the part of an execution that a turn changes.
type progress struct {
	head    store.Head
	machine machine.Execution
	codec   journal.Codec
}

// message is an input on its way to an execution.
type message struct {
	input machine.Input
	reply chan<- error // nil if nobody waits; has room for one error
}

// attempt tells the calls of an execution apart.
type attempt struct{ visit, branch, number int }

// decide computes the turn that follows from inputs, and the progress after
// it. A turn without records means that nothing follows.
func (p progress) decide(m machine.Machine, at journal.Millis, inputs ...machine.Input) (progress, store.Turn) {
	var records []journal.Record
	next := p
	for _, in := range inputs {
		var more []journal.Record
		next.machine, more = m.Decide(next.machine, at, in)
		records = append(records, more...)
	}
	turn := store.Turn{After: p.machine.Seq}
	if len(records) == 0 {
		return p, turn
	}
	turn.Records = next.codec.Encode(nil, records)
	next.head.Seq = next.machine.Seq
	next.head.Status = next.machine.Status
	next.head.Wake = wakeOf(m, next.machine)
	if next.machine.Ended() {
		next.head.StoppedAt = at
	}
	turn.Head = next.head
	return next, turn
}

// wakeOf returns when an owner must look at the execution: now if calls are
// awaited or it is ready to go on, since nobody else remembers that.
func wakeOf(m machine.Machine, x machine.Execution) store.Wake {
	o := m.Outstanding(x)
	switch {
	case len(o.Calls) > 0 || o.Ready:
		return store.Now
	case o.Wake != 0:
		return store.Wake(o.Wake)
	default:
		return store.Never
	}
}

// load fetches an execution from the store and folds its journal.
func (e *Engine) load(ctx context.Context, x *execution) error {
	head, rows, err := e.store.Load(ctx, x.key)
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	g, err := e.graphs.byRevision(ctx, x.key.Graph, head.Revision)
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	x.urn = e.urnOf(g, head) // also for the log, if what follows fails
	p := progress{head: head}
	for _, row := range rows {
		records, err := p.codec.Decode(row)
		if err != nil {
			return fmt.Errorf("load: %w", err)
		}
		p.machine = p.machine.Apply(records...)
	}
	if p.machine.Seq != head.Seq {
		return fmt.Errorf("load: the journal has %d records, and the head says %d", p.machine.Seq, head.Seq)
	}
	x.graph, x.progress = g, p
	return nil
}

func (e *Engine) urnOf(g *graph, head store.Head) urn.Execution {
	return urn.Execution{
		Region: e.cfg.Region, Project: g.Project, Graph: g.Name,
		Name: head.Name, ID: fmt.Sprintf("%x", head.ID[:]),
	}
}

// post brings a message to an execution, loading it if it is not in memory,
// and works on it if nobody does.
func (e *Engine) post(key store.Key, m message) {
	for {
		x, fresh := e.lookUp(key)
		x.mu.Lock()
		if x.gone {
			x.mu.Unlock()
			continue
		}
		x.inbox = append(x.inbox, m)
		worker := fresh || !x.busy
		x.busy = true
		x.mu.Unlock()
		if worker {
			e.workOn(x)
		}
		return
	}
}

// put adds a message for the worker, who is the caller.
func (x *execution) put(m message) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.inbox = append(x.inbox, m)
}

// lookUp returns the execution in memory, or makes room for it: then it is
// fresh, and the caller is its worker and has to load it.
func (e *Engine) lookUp(key store.Key) (x *execution, fresh bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	x, found := e.running[key]
	if !found {
		x = &execution{key: key, busy: true}
		e.running[key] = x
	}
	return x, !found
}

// workOn handles messages until there are none. The caller is the worker.
func (e *Engine) workOn(x *execution) {
	for {
		x.mu.Lock()
		messages := x.inbox
		x.inbox = nil
		x.mu.Unlock()
		if len(messages) == 0 {
			if e.rest(x) {
				return
			}
			continue
		}
		e.turn(x, messages)
	}
}

// rest ends the work on an execution, unless a message has come meanwhile. An
// execution with nothing in hand leaves memory.
func (e *Engine) rest(x *execution) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.inbox) > 0 {
		return false
	}
	x.busy = false
	if len(x.calls) == 0 && x.nap == nil {
		x.gone = true
		delete(e.running, x.key)
	}
	return true
}

// sleepUntil waits, and reports whether ctx has not ended.
func sleepUntil(ctx context.Context, at journal.Millis) bool {
	timer := time.NewTimer(time.Until(time.UnixMilli(int64(at))))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
