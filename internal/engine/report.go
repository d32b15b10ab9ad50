package engine

import (
	"context"
	"errors"
	"fmt"

	"heddle/internal/machine"
	"heddle/internal/store"
)

// ErrNotAwaited says that nobody waits for the result of an attempt: it has been
// reported, or the attempt has ended without it.
var ErrNotAwaited = errors.New("the result is not awaited")

// Report brings the result of an attempt whose function has deferred it, or does
// so now, and returns when that is recorded. It returns ErrNotAwaited or
// store.ErrNotFound if it changes nothing.
func (e *Engine) Report(ctx context.Context, key store.Key, a Attempt, r Result) error {
	if err := e.takesWork(); err != nil {
		return err
	}
	answered := make(chan Reply, 1)
	e.work.Go(func() {
		e.post(key, Message{Input: a.answer(r), Reply: func(r Reply) { answered <- r }})
	})
	if _, err := e.awaitReply(ctx, answered); err != nil {
		return fmt.Errorf("report a result: %w", err)
	}
	return nil
}

// answer is what the result of an attempt says to its execution.
func (a Attempt) answer(r Result) machine.Answer {
	answer := machine.Answer{Visit: a.Visit, Branch: a.Branch, Attempt: a.Number, Output: r.Output}
	if r.Failure != nil {
		answer.Failure = &machine.Failure{Name: r.Failure.Name, Message: r.Failure.Message}
	}
	return answer
}
