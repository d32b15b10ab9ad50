package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"heddle/internal/function"
	"heddle/internal/function/catalog"
	"heddle/internal/journal"
	"heddle/internal/store"
)

const (
	backoffMin = time.Second
	backoffMax = 5 * time.Minute
	// timeoutMax is longer than any function may run: its own timeout counts.
	timeoutMax = 72 * time.Hour
	// errorBytesMax bounds what is kept of a failure.
	errorBytesMax = 2048
)

// attempt makes one try of an invocation.
func (q *Queue) attempt(ctx context.Context, c store.Claimed) settlement {
	s := settlement{of: c}
	f, err := q.Function(ctx, c.Name)
	if err != nil {
		s.Settlement = putOff(c, catalog.DefaultAsync, 503, err.Error())
		return s
	}
	cfg := f.AsyncFor(c.Qualifier)
	if tooOld(c, cfg, now()) {
		s.Settlement = end(c, store.InvocationDiscarded)
		return s
	}
	result := q.Functions.Invoke(ctx, function.Request{
		Function: q.URN(c.Name, c.Qualifier), Project: c.Name.Project,
		Input: c.Event, Timeout: timeoutMax,
		InvocationID: invocationID(c), Attempt: c.Failures + 1,
	})
	if ctx.Err() != nil {
		return s // it was called off, and says nothing about the function
	}
	s.Settlement = judge(c, cfg, result)
	if failed := result.Failure; failed != nil {
		q.log.Info("an asynchronous invocation has failed", "function", q.URN(c.Name, c.Qualifier),
			"invocation", uuid.UUID(c.ID).String(), "attempt", c.Failures+1, "failure", failed.Name, "reason", failed.Message,
			"status", s.Status)
	}
	return s
}

// invocationID returns the id of an attempt: the same for all tries of it, and
// another one for the attempt after a failure.
func invocationID(c store.Claimed) string {
	id := uuid.UUID(c.ID).String()
	if c.Failures > 0 {
		id += fmt.Sprintf("-%d", c.Failures+1)
	}
	return id
}

// judge says what follows from a result.
func judge(c store.Claimed, cfg catalog.AsyncConfig, result function.Result) store.Settlement {
	failed := result.Failure
	switch {
	case failed == nil:
		c.ErrorCode, c.Error = 0, ""
		return end(c, store.InvocationSucceeded)
	case failed.Name == function.TooManyRequests:
		return putOff(c, cfg, failed.Status(), failed.Text()) // it has not begun
	}
	c.ErrorCode, c.Error = failed.Status(), failed.Text()
	if c.Failures++; c.Failures > cfg.RetriesMax {
		return end(c, store.InvocationFailed)
	}
	return putOff(c, cfg, c.ErrorCode, c.Error)
}

// end is the last settlement of an invocation.
func end(c store.Claimed, status store.InvocationStatus) store.Settlement {
	return store.Settlement{
		ID: c.ID, Attempt: c.Attempt, Status: status, Failures: c.Failures,
		EndedAt: now(), ErrorCode: c.ErrorCode, Error: errorText(c.Error),
	}
}

// putOff has an invocation wait, longer each time. One that would be too old by
// then is discarded.
func putOff(c store.Claimed, cfg catalog.AsyncConfig, code int, reason string) store.Settlement {
	c.ErrorCode, c.Error = code, reason
	due := later(backoff(c.Attempt))
	if tooOld(c, cfg, due) {
		return end(c, store.InvocationDiscarded)
	}
	return store.Settlement{
		ID: c.ID, Attempt: c.Attempt, Status: store.InvocationWaiting, Due: due, Failures: c.Failures,
		ErrorCode: code, Error: errorText(reason),
	}
}

func backoff(attempt int) time.Duration {
	return min(backoffMin<<min(attempt-1, 16), backoffMax)
}

func tooOld(c store.Claimed, cfg catalog.AsyncConfig, at journal.Millis) bool {
	return at-c.CreatedAt > journal.Millis(cfg.AgeMax)*1000
}

// errorText bounds a text, and takes out of it what no store takes.
func errorText(text string) string {
	text = text[:min(len(text), errorBytesMax)]
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
}

// refused is the failure of an invocation that was not taken.
func refused(r function.Request, err error) function.Result {
	var p *catalog.Problem
	switch {
	case errors.As(err, &p), errors.Is(err, store.ErrNotFound):
		return function.Failed(function.NotFound, "the project has no function %s", r.Function)
	case errors.Is(err, store.ErrFull):
		return function.Failed(function.TooManyRequests, "too many asynchronous invocations wait for the function")
	case errors.Is(err, store.ErrUnavailable):
		return function.Failed(function.FunctionStageUnavailable, "the storage does not take the invocation now")
	}
	return function.Failed(function.FunctionStageOtherErrors, "the invocation was not taken: %v", err)
}
