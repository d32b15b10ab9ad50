package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/store"
)

// How long a turn waits before it is tried again while the store is
// unavailable: from the first, doubling up to the second.
const (
	backoffMin = 50 * time.Millisecond
	backoffMax = 2 * time.Second
)

// turn takes an execution through one turn. Whatever goes wrong, the messages
// are answered, and the execution is left as the store knows it or leaves
// memory.
func (e *Engine) turn(x *execution, messages []message) {
	backoff := backoffMin
	for {
		err := e.tryTurn(x, messages)
		switch {
		case err == nil:
			e.carryOut(x)
			reply(messages, stopped(x))
			return
		case errors.Is(err, store.ErrStale):
			// It moved on under another's hand, or under ours by a commit whose
			// outcome we did not learn: load it again.
			x.graph = nil
		case errors.Is(err, store.ErrUnavailable):
			reply(messages, err)
			messages = unanswered(messages)
			if len(messages) == 0 {
				return // as if nobody had asked: what is in hand goes on
			}
			if !sleepUntil(e.calling, later(backoff)) {
				e.drop(x)
				return
			}
			backoff = min(2*backoff, backoffMax)
		case mustStop(err):
			e.drop(x)
			e.fail(err)
			reply(messages, err)
			return
		case errors.Is(err, store.ErrNotFound):
			e.drop(x) // its graph has been deleted
			reply(messages, err)
			return
		case errors.Is(err, ErrEnded):
			reply(messages, err)
			return
		default:
			e.setAside(x, err)
			reply(messages, err)
			return
		}
	}
}

// tryTurn loads the execution if need be, decides, and commits.
func (e *Engine) tryTurn(x *execution, messages []message) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("a broken invariant: %v", fault)
		}
	}()
	if x.graph == nil {
		if err := e.load(context.Background(), x); err != nil {
			return err
		}
	}
	inputs := make([]machine.Input, len(messages))
	for i, m := range messages {
		inputs[i] = m.input
	}
	next, turn := x.decide(x.graph.machine, now(), inputs...)
	if len(turn.Records) == 0 {
		if x.machine.Ended() {
			return ErrEnded
		}
		return nil
	}
	turn.Lease = e.leaseOf(x.key.ID)
	if outcome := e.commits.carryOn(turn); outcome.Err != nil {
		return fmt.Errorf("commit: %w", outcome.Err)
	}
	x.progress = next
	e.committed(x)
	return nil
}

// committed lets those know who wait for what a turn has changed.
func (e *Engine) committed(x *execution) {
	e.watchers.notify(x.key.ID)
	if x.head.Wake > store.Now {
		e.alarm.set(journal.Millis(x.head.Wake))
	}
	if x.head.Status == journal.Failed {
		e.log.Info("the execution has failed", "execution", x.urn.String())
	}
}

// drop forgets what an execution has in hand. It is still in the store, and
// loaded again when it is needed.
func (e *Engine) drop(x *execution) {
	for _, cutOff := range x.calls {
		cutOff()
	}
	x.calls = nil
	x.stopNap()
	x.graph = nil
}

// setAside keeps an execution that cannot be run from being tried again and
// again until the next start. The others go on.
func (e *Engine) setAside(x *execution, err error) {
	e.log.Error("the execution is set aside until the next start", "execution", fmt.Sprintf("%x", x.key.ID[:]), "urn", x.urn.String(), "error", err)
	e.drop(x)
	e.mu.Lock()
	e.aside[x.key] = true
	e.mu.Unlock()
}

func (e *Engine) anyAside() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.aside) > 0
}

func (e *Engine) isAside(key store.Key) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.aside[key]
}

// reply answers those messages whose senders wait.
func reply(messages []message, err error) {
	for i, m := range messages {
		if m.reply != nil {
			m.reply <- err
			messages[i].reply = nil
		}
	}
}

// stopped is the answer to a Stop that was part of a turn: an execution that
// came to its end by another input of the same turn was not stopped.
func stopped(x *execution) error {
	if x.machine.Status != journal.Aborted {
		return ErrEnded
	}
	return nil
}

// unanswered returns the messages for which nobody waited: they must not be lost.
func unanswered(messages []message) []message {
	var rest []message
	for _, m := range messages {
		if _, stopped := m.input.(machine.Stop); !stopped {
			rest = append(rest, m)
		}
	}
	return rest
}
