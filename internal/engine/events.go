package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"heddle/internal/machine"
	"heddle/internal/store"
	"heddle/internal/urn"
)

// The reasons why an execution does not take a message of a worker, or an event
// of a test.
var (
	ErrEventUnknown = machine.ErrEventUnknown
	ErrEventTaken   = machine.ErrEventTaken
	ErrStateEnded   = machine.ErrStateEnded
	ErrNotWaiting   = machine.ErrNotWaiting
	ErrTimedOut     = machine.ErrTimedOut
)

// ErrNoWork says that no execution offers work.
var ErrNoWork = errors.New("no execution offers work")

// Task is a piece of work that a worker has taken.
type Task struct {
	Execution urn.Execution // whose it is
	Item      string        // JSON text
}

// Deliver brings events of one trigger to an execution, in the order of their
// numbers, and returns when they are recorded, or found to be none of its
// business. Events that have been delivered before change nothing. An execution
// that is gone, or set aside, gets none.
func (e *Engine) Deliver(ctx context.Context, key store.Key, trigger string, events []store.Event) error {
	if err := e.takesWork(); err != nil {
		return err
	}
	if e.isAside(key) {
		return nil
	}
	answered := make(chan error, len(events))
	messages := make([]Message, len(events))
	for i, event := range events {
		messages[i] = Message{
			Input: machine.Arrival{
				Trigger: trigger, ID: strconv.FormatInt(int64(event.Number), 10),
				Number: uint64(event.Number), Payload: event.Payload,
			},
			Reply: func(r Reply) { answered <- r.Err },
		}
	}
	e.work.Go(func() { e.post(key, messages...) })
	for range events {
		select {
		case err := <-answered:
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("deliver events: %w", err)
			}
		case <-ctx.Done():
			return fmt.Errorf("deliver events: %w", ctx.Err())
		}
	}
	return nil
}

// Event is an event that is sent to one execution: the message of a worker, or a
// test.
type Event struct {
	Trigger string // URN
	Payload string // JSON text; "" if it brings none, and the state's input stands in
}

// Send brings an event to the state of an execution that waits for it now, and
// returns when that is recorded. If no state does, it returns the reason: one of
// the errors above, ErrEnded, or store.ErrNotFound.
func (e *Engine) Send(ctx context.Context, key store.Key, event Event) error {
	_, err := e.bring(ctx, key, machine.Arrival{Trigger: event.Trigger, Payload: event.Payload, Direct: true})
	if err != nil {
		return fmt.Errorf("send event: %w", err)
	}
	return nil
}

// Ask does what Send does, and returns when the state has done what it does with
// the event, with the response: or an *EventError if it failed.
func (e *Engine) Ask(ctx context.Context, key store.Key, event Event) (string, error) {
	r, err := e.bring(ctx, key, machine.Arrival{Trigger: event.Trigger, Payload: event.Payload, Direct: true, Asks: true})
	if err != nil {
		return "", fmt.Errorf("send event: %w", err)
	}
	return r.Response, nil
}

// offersPage is how many offers are looked at in one go. Those of them that
// others are asking are passed by.
const offersPage = 64

// RequestWork takes the oldest piece of work that is on offer for a trigger. If
// there is none, it waits for one; without any in the end it returns ErrNoWork.
// What was taken and cannot be done is an *EventError.
func (e *Engine) RequestWork(ctx context.Context, trigger store.Trigger, patience time.Duration) (Task, error) {
	limit := time.NewTimer(patience)
	defer limit.Stop()
	called := e.offers.wait(trigger.ID) // before the look, so that nothing is missed that comes after it
	defer e.offers.leave(trigger.ID, called)
	for {
		if err := e.takesWork(); err != nil {
			return Task{}, err
		}
		task, err := e.takeOffer(ctx, trigger)
		if !errors.Is(err, ErrNoWork) {
			return task, err
		}
		select {
		case <-called:
		case <-limit.C:
			return Task{}, ErrNoWork
		case <-ctx.Done():
			return Task{}, ErrNoWork
		case <-e.draining:
			return Task{}, ErrDraining
		}
	}
}

// takeOffer asks the executions that offer work, the oldest offer first, until
// one has some.
func (e *Engine) takeOffer(ctx context.Context, trigger store.Trigger) (Task, error) {
	var after *store.Waiter
	for {
		page, err := e.store.Waiters(ctx, trigger.ID, after, offersPage)
		if err != nil {
			return Task{}, fmt.Errorf("look for work: %w", err)
		}
		for _, w := range page {
			task, err := e.askForWork(ctx, w.Key, trigger.URN)
			if !errors.Is(err, ErrNoWork) {
				return task, err
			}
		}
		if len(page) < offersPage {
			return Task{}, ErrNoWork
		}
		after = &page[len(page)-1]
	}
}

// askForWork asks one execution, unless somebody else does.
func (e *Engine) askForWork(ctx context.Context, key store.Key, trigger string) (Task, error) {
	if e.isAside(key) || !e.offers.reserve(key) {
		return Task{}, ErrNoWork
	}
	defer e.offers.release(key)
	r, err := e.bring(ctx, key, machine.Arrival{Trigger: trigger, Direct: true, Asks: true})
	for _, moved := range []error{ErrEventTaken, ErrStateEnded, ErrNotWaiting, ErrTimedOut, ErrEnded, store.ErrNotFound} {
		if errors.Is(err, moved) {
			return Task{}, ErrNoWork
		}
	}
	if err != nil {
		return Task{}, fmt.Errorf("request work: %w", err)
	}
	return Task{Execution: r.Execution, Item: r.Response}, nil
}

// bring brings a direct event to an execution. If nobody knows what comes of it
// when ctx ends, it returns store.ErrOutcomeUnknown.
func (e *Engine) bring(ctx context.Context, key store.Key, in machine.Arrival) (Reply, error) {
	if err := e.takesWork(); err != nil {
		return Reply{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Reply{}, fmt.Errorf("make event id: %w", err)
	}
	in.ID = fmt.Sprintf("%x", id[:])
	answered := make(chan Reply, 1)
	gone := make(chan struct{})
	e.work.Go(func() {
		e.post(key, Message{Input: in, Reply: func(r Reply) { answered <- r }, Gone: gone})
	})
	r, err := e.awaitReply(ctx, answered)
	close(gone)
	if in.Asks && errors.Is(err, store.ErrOutcomeUnknown) {
		e.work.Go(func() { e.post(key, Message{Input: machine.Tick{}}) }) // it may leave memory now
	}
	return r, err
}

// awaitReply waits for a reply: not for long once the engine drains, since what
// it depends on may not be begun any more.
func (e *Engine) awaitReply(ctx context.Context, answered <-chan Reply) (Reply, error) {
	draining := e.draining
	var last <-chan time.Time
	for {
		select {
		case r := <-answered:
			return r, r.Err
		case <-draining:
			draining = nil
			last = time.After(e.cfg.DrainDuration)
		case <-last:
			return Reply{}, fmt.Errorf("%w: %v", store.ErrOutcomeUnknown, ErrDraining)
		case <-ctx.Done():
			return Reply{}, fmt.Errorf("%w: %w", store.ErrOutcomeUnknown, ctx.Err())
		}
	}
}
