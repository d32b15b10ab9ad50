package engine

import (
	"slices"
	"sync"

	"heddle/internal/store"
)

// offers brings those who ask for work together with the executions that have
// some. What is on offer stands in the store.
type offers struct {
	mu    sync.Mutex
	asked map[store.Key]bool                  // those of which somebody is asking for work; guarded by mu
	idle  map[store.TriggerID][]chan struct{} // those who wait for an offer, the first in front; guarded by mu
}

// reserve reports whether nobody else asks an execution for work. Whoever gets
// it releases it.
func (o *offers) reserve(key store.Key) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.asked[key] {
		return false
	}
	if o.asked == nil {
		o.asked = map[store.Key]bool{}
	}
	o.asked[key] = true
	return true
}

func (o *offers) release(key store.Key) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.asked, key)
}

// wait puts its caller behind those who wait for an offer already. The channel
// gets a token when there may be one for the caller.
func (o *offers) wait(trigger store.TriggerID) (called chan struct{}) {
	called = make(chan struct{}, 1)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.idle == nil {
		o.idle = map[store.TriggerID][]chan struct{}{}
	}
	o.idle[trigger] = append(o.idle[trigger], called)
	return called
}

// leave ends a wait. What its caller was called for is for the next one.
func (o *offers) leave(trigger store.TriggerID, called chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.idle[trigger] = slices.DeleteFunc(o.idle[trigger], func(c chan struct{}) bool { return c == called })
	if len(o.idle[trigger]) == 0 {
		delete(o.idle, trigger)
	}
	if len(called) > 0 {
		o.call(trigger)
	}
}

// announce calls somebody for each offer.
func (o *offers) announce(waits store.Waits) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, w := range waits {
		if w.Offered != 0 {
			o.call(w.Trigger)
		}
	}
}

// call calls the first who has not been called. The caller holds mu.
func (o *offers) call(trigger store.TriggerID) {
	for _, c := range o.idle[trigger] {
		select {
		case c <- struct{}{}:
			return
		default:
		}
	}
}
