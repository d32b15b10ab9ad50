package client

import (
	"context"
	"errors"
	"net/http"
	"time"
)

const (
	triesMax = 4
	pauseMax = 5 * time.Second // a server that asks for more is not waited for
)

// repeatAfter says whether the call may be made once more, and after which
// pause. Only calls that change nothing, or that the server recognises by
// their idempotency key, may; and only when the server itself named the pause.
func repeatAfter(k call, err error, try int) (time.Duration, bool) {
	var refusal *Error
	if !k.repeatable || try >= triesMax || !errors.As(err, &refusal) {
		return 0, false
	}
	busy := (refusal.Status == http.StatusServiceUnavailable || refusal.Status == http.StatusTooManyRequests) && refusal.retryAfter >= 0
	return refusal.retryAfter, busy && refusal.retryAfter <= pauseMax
}

// sleep waits for the pause, or for the end of ctx, whose error it returns.
func sleep(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
