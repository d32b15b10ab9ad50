package engine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// resident is an execution in memory, with what its goroutines need.
//
// At any time at most one goroutine works on it. Whoever brings an input puts
// it into the inbox, and becomes the worker if there is none; the worker goes
// on until the inbox is empty. So inputs that arrive during a commit are
// decided together in the next turn.
type resident struct {
	mu    sync.Mutex
	inbox []Message // guarded by mu
	busy  bool      // there is a worker; guarded by mu
	gone  bool      // it has left memory: look it up again; guarded by mu

	*Execution // owned by the worker, but for Key, which stays
	cutOff     map[Attempt]func()
	stopNap    context.CancelFunc // of the last nap
	aside      bool               // it has been set aside, and not run since
	counted    string             // the project for which it counts as in motion; "" if it does not yet
}

// load fetches an execution from the store.
func (e *Engine) load(ctx context.Context, x *Execution) error {
	head, rows, err := e.store.Load(ctx, x.Key)
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	g, err := e.graphs.byRevision(ctx, x.Key.Graph, head.Revision)
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	return x.Load(g, head, rows)
}

// count counts an execution that was loaded as one in motion. It is there
// already, so it is not asked whether there is room for it.
func (e *Engine) count(x *resident) {
	if x.counted == "" {
		x.counted = x.URN.Project
		e.open.Push(x.counted)
	}
}

// uncount makes room for another.
func (e *Engine) uncount(x *resident) {
	if x.counted != "" {
		e.open.Leave(x.counted)
		x.counted = ""
	}
}

// post brings messages to an execution, loading it if it is not in memory, and
// works on it if nobody does.
func (e *Engine) post(key store.Key, messages ...Message) {
	for {
		x, fresh := e.lookUp(key)
		x.mu.Lock()
		if x.gone {
			x.mu.Unlock()
			continue
		}
		x.inbox = append(x.inbox, messages...)
		worker := fresh || !x.busy
		x.busy = true
		x.mu.Unlock()
		if worker {
			e.workOn(x)
		}
		return
	}
}

// lookUp returns the execution in memory, or makes room for it: then it is
// fresh, and the caller is its worker and has to load it.
func (e *Engine) lookUp(key store.Key) (x *resident, fresh bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	x, found := e.running[key]
	if !found {
		x = &resident{Execution: &Execution{Key: key}, busy: true}
		_, x.aside = e.aside[key]
		e.running[key] = x
	}
	return x, !found
}

// workOn handles messages until there are none. The caller is the worker.
func (e *Engine) workOn(x *resident) {
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
func (e *Engine) rest(x *resident) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.inbox) > 0 {
		return false
	}
	x.busy = false
	if x.Idle() {
		x.gone = true
		delete(e.running, x.Key)
		e.uncount(x)
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
