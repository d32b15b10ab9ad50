package engine

import (
	"context"
	"fmt"
	"time"

	"heddle/internal/journal"
)

// How long a turn waits before it is tried again while the store is
// unavailable or in doubt: from the first, doubling up to the second.
const (
	backoffMin = 50 * time.Millisecond
	backoffMax = 2 * time.Second
)

// turn takes an execution through one turn. Whatever goes wrong, the messages
// are answered, and the execution is left as the store knows it or leaves
// memory.
func (e *Engine) turn(x *resident, messages []Message) {
	backoff := backoffMin
	for {
		d, err := e.tryTurn(x, messages)
		a := x.Settle(d, err, e.isDraining())
		switch {
		case err == nil && !d.Empty():
			e.committed(x.Execution, d)
		case a.Next == Look:
			e.watchers.notify(x.Key.ID) // there may be something to see
		}
		e.carryOut(x, a.Work)
		switch {
		case a.Next == Halt:
			e.fail(a.Err)
		case a.Next == Aside:
			e.setAside(x.Execution, a.Err)
		case a.Next == Rest && x.aside:
			x.aside = false
			e.takeBack(x.Execution)
		}
		messages = x.Answer(a, messages)
		if len(messages) == 0 {
			return
		}
		if a.Next == Retry || a.Next == Look {
			if !sleepUntil(e.calling, later(backoff)) {
				e.carryOut(x, x.drop())
				return
			}
			backoff = min(2*backoff, backoffMax)
		}
	}
}

// tryTurn loads the execution if need be, decides, and commits.
func (e *Engine) tryTurn(x *resident, messages []Message) (d Draft, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("a broken invariant: %v", fault)
		}
	}()
	if !x.Loaded() {
		if err := e.load(context.Background(), x.Execution); err != nil {
			return Draft{}, err
		}
		e.count(x)
	}
	d = x.Decide(now(), InputsOf(messages)...)
	if d.Empty() {
		return d, nil
	}
	d.Turn.Lease = e.leaseOf(x.Key.ID)
	if outcome := e.commits.carryOn(d.Turn); outcome.Err != nil {
		return d, fmt.Errorf("commit: %w", outcome.Err)
	}
	return d, nil
}

// committed lets those know who wait for what a turn has changed.
func (e *Engine) committed(x *Execution, d Draft) {
	e.watchers.notify(x.Key.ID)
	if d.Turn.Waits != nil {
		e.offers.announce(*d.Turn.Waits)
	}
	if x.head.Status == journal.Failed {
		e.log.Info("the execution has failed", "execution", x.URN.String())
	}
}
