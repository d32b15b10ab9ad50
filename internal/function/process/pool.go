package process

import (
	"context"
	"sync"
	"time"

	"heddle/internal/function"
)

// pools say which instance serves which call, when one is started and when one
// is ended. There is a pool for each revision of each version of a function.
//
//  1. A call takes an idle instance, the one that was used last, so that those
//     that are not needed grow old.
//  2. Otherwise it waits. An instance is started for it if the limits allow one
//     more; if only the limit of all stands against it, the idle instance of
//     another function that is the oldest is ended.
//  3. An instance that comes free goes to the call of its pool that has waited
//     longest. Room that comes free goes to the call of all that has.
//  4. An instance of a revision that is not the newest is ended when it is free.
type pools struct {
	max     int // instances of all pools
	maxEach int // of one pool
	idle    time.Duration
	births  chan *pool // with room for max: who asks for an instance need not wait

	mu     sync.Mutex // guards what follows, and all pools
	all    map[poolKey]*pool
	newest map[string]int64 // revision, by the function's URN
	count  int              // instances that exist or have been asked for
	closed bool
}

type poolKey struct {
	urn      string
	revision int64
}

type pool struct {
	key     poolKey
	spec    function.Spec
	idle    []*instance // the one that was used last at the end
	count   int         // instances that exist or have been asked for
	asked   int         // those that have been asked for and are not ready yet
	waiting []*waiter   // the one that has waited longest first
}

// waiter is a call that waits for an instance, or for the failure of one to
// start.
type waiter struct {
	since  time.Time
	served chan served // has room for one
}

type served struct {
	instance *instance
	failure  *function.Failure
}

// acquire returns an instance for one call, or the failure of one to start. It
// fails without one when ctx ends.
func (ps *pools) acquire(ctx context.Context, s function.Spec) (*instance, *function.Failure) {
	i, w, p := ps.take(s)
	if i != nil {
		return i, nil
	}
	if w == nil {
		return nil, failed(function.FunctionStageUnavailable, "the server is shutting down")
	}
	select {
	case got := <-w.served:
		return got.instance, got.failure
	case <-ctx.Done():
		ps.leave(p, w)
		return nil, failed(function.Timeout, "no instance of the function was free")
	}
}

// take returns an idle instance, or a waiter for one.
func (ps *pools) take(s function.Spec) (*instance, *waiter, *pool) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.closed {
		return nil, nil, nil
	}
	p := ps.pool(s)
	if last := len(p.idle) - 1; last >= 0 {
		i := p.idle[last]
		p.idle = p.idle[:last]
		i.idling.Stop()
		return i, nil, p
	}
	w := &waiter{since: time.Now(), served: make(chan served, 1)}
	p.waiting = append(p.waiting, w)
	ps.grow()
	return nil, w, p
}

// pool returns the pool of a revision. The idle instances of older ones end now,
// the others when they are free.
func (ps *pools) pool(s function.Spec) *pool {
	key := poolKey{s.URN, s.Revision}
	if p, ok := ps.all[key]; ok {
		return p
	}
	if ps.all == nil {
		ps.all, ps.newest = make(map[poolKey]*pool), make(map[string]int64)
	}
	p := &pool{key: key, spec: s}
	ps.all[key] = p
	if s.Revision > ps.newest[s.URN] {
		ps.newest[s.URN] = s.Revision
		for _, old := range ps.all {
			if old.key.urn == s.URN && old != p {
				ps.clear(old)
			}
		}
	}
	return p
}

// clear ends the idle instances of a pool.
func (ps *pools) clear(p *pool) {
	for _, i := range p.idle {
		i.idling.Stop()
		i.end()
	}
	p.idle = nil
}

// leave takes back a waiter whose call has ended. What it was given meanwhile
// goes to another.
func (ps *pools) leave(p *pool, w *waiter) {
	ps.mu.Lock()
	for n, other := range p.waiting {
		if other == w {
			p.waiting = append(p.waiting[:n], p.waiting[n+1:]...)
			ps.forget(p)
			ps.mu.Unlock()
			return
		}
	}
	ps.mu.Unlock()
	if got := <-w.served; got.instance != nil {
		ps.release(got.instance, true)
	}
}

// release takes an instance back after a call. One that is not healthy is on its
// way out.
func (ps *pools) release(i *instance, healthy bool) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if healthy {
		ps.free(i)
	}
}

// ready takes an instance that can serve its first call.
func (ps *pools) ready(i *instance) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	i.pool.asked--
	ps.free(i)
}

func (ps *pools) free(i *instance) {
	p := i.pool
	switch {
	case ps.closed:
		i.end()
	case len(p.waiting) > 0:
		w := p.waiting[0]
		p.waiting = p.waiting[1:]
		w.served <- served{instance: i}
	case p.key.revision < ps.newest[p.key.urn]:
		i.end()
	default:
		i.idleSince = time.Now()
		p.idle = append(p.idle, i)
		i.idling = time.AfterFunc(ps.idle, func() { ps.expire(i) })
		ps.grow() // it may have to make room
	}
}

// expire ends an instance that has been idle for long.
func (ps *pools) expire(i *instance) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.drop(i) {
		i.end()
	}
}

// drop takes an instance out of the idle ones, if it is one.
func (ps *pools) drop(i *instance) bool {
	for n, other := range i.pool.idle {
		if other == i {
			i.pool.idle = append(i.pool.idle[:n], i.pool.idle[n+1:]...)
			i.idling.Stop()
			return true
		}
	}
	return false
}

// gone notes that an instance is no more, or that none could be started: then
// the call that has waited longest gets the failure.
func (ps *pools) gone(p *pool, i *instance, failure *function.Failure) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if i != nil {
		ps.drop(i)
	} else {
		p.asked--
		if len(p.waiting) > 0 && failure != nil {
			w := p.waiting[0]
			p.waiting = p.waiting[1:]
			w.served <- served{failure: failure}
		}
	}
	p.count--
	ps.count--
	ps.grow()
	ps.forget(p)
}

// forget removes a pool that has nothing in it.
func (ps *pools) forget(p *pool) {
	if p.count > 0 || len(p.waiting) > 0 || ps.all[p.key] != p {
		return
	}
	delete(ps.all, p.key)
	for key := range ps.all {
		if key.urn == p.key.urn {
			return
		}
	}
	delete(ps.newest, p.key.urn)
}

// grow asks for instances as long as calls wait for which there is none on its
// way, and the limits allow one more. Those who wait longest come first.
func (ps *pools) grow() {
	for !ps.closed {
		p := ps.neediest()
		if p == nil {
			return
		}
		if ps.count == ps.max {
			ps.makeRoom()
			return // grow is called again when there is some
		}
		p.asked++
		p.count++
		ps.count++
		ps.births <- p
	}
}

// neediest returns the pool that may grow and whose first call without an
// instance on its way has waited longest.
func (ps *pools) neediest() *pool {
	var best *pool
	for _, p := range ps.all {
		if p.asked >= len(p.waiting) || p.count >= ps.limit(p) {
			continue
		}
		if best == nil || p.waiting[p.asked].since.Before(best.waiting[best.asked].since) {
			best = p
		}
	}
	return best
}

func (ps *pools) limit(p *pool) int {
	if p.spec.InstancesMax > 0 {
		return min(p.spec.InstancesMax, ps.maxEach)
	}
	return ps.maxEach
}

// makeRoom ends the instance that has been idle for the longest time.
func (ps *pools) makeRoom() {
	var oldest *instance
	for _, p := range ps.all {
		if len(p.idle) > 0 && (oldest == nil || p.idle[0].idleSince.Before(oldest.idleSince)) {
			oldest = p.idle[0]
		}
	}
	if oldest != nil {
		ps.drop(oldest)
		oldest.end()
	}
}

// close ends the instances that are idle, and lets calls have no more.
func (ps *pools) close() {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.closed = true
	for _, p := range ps.all {
		ps.clear(p)
		for _, w := range p.waiting {
			w.served <- served{failure: failed(function.FunctionStageUnavailable, "the server is shutting down")}
		}
		p.waiting = nil
	}
}
