package engine

import (
	"context"
	"sync"
	"sync/atomic"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// watchers are those who wait for an execution's journal to grow.
type watchers struct {
	count atomic.Int64 // saves turns that nobody watches from the mutex
	mu    sync.Mutex
	byID  map[store.ExecutionID]map[chan struct{}]bool // guarded by mu
}

func (w *watchers) add(id store.ExecutionID) (grown chan struct{}) {
	grown = make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.byID == nil {
		w.byID = map[store.ExecutionID]map[chan struct{}]bool{}
	}
	if w.byID[id] == nil {
		w.byID[id] = map[chan struct{}]bool{}
	}
	w.byID[id][grown] = true
	w.count.Add(1)
	return grown
}

func (w *watchers) remove(id store.ExecutionID, grown chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.byID[id], grown)
	if len(w.byID[id]) == 0 {
		delete(w.byID, id)
	}
	w.count.Add(-1)
}

func (w *watchers) notify(id store.ExecutionID) {
	if w.count.Load() == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for grown := range w.byID[id] {
		select {
		case grown <- struct{}{}:
		default:
		}
	}
}

// Await returns when the execution's journal has more than after records, when
// it has ended, or when ctx or the engine's work ends.
func (e *Engine) Await(ctx context.Context, key store.Key, after journal.Seq) {
	grown := e.watchers.add(key.ID)
	defer e.watchers.remove(key.ID, grown)
	for e.takesWork() == nil {
		head, _, err := e.store.Load(ctx, key)
		if err != nil || head.Seq > after || head.StoppedAt != 0 {
			return
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return
		case <-e.draining:
			return
		}
	}
}
