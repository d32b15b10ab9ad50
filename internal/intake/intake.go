// Package intake takes what comes in by itself: timers that fire start
// executions, and events start executions and reach those that wait for them.
//
// It decides what is to be started and when. That a timer starts it once is the
// store's part: the transaction that starts an execution for a fire time also
// moves its timer on, on condition that nothing has become of the timer since it
// was looked at. So whatever is not known here, after a crash or a lost answer, is
// found out by looking again.
//
// An event is on the disk before it is acknowledged, and is removed only when all
// that follows from it is done. Whatever is interrupted is done again from the
// beginning. That harms nothing: an execution that an event starts has an id that
// follows from the event, and a journal remembers which events it has. Which
// triggers a source's message fires is found out before; what an event means to
// an execution is the machine's business.
//
// The package knows neither HTTP nor SQL, and not how executions run.
package intake

import (
	"context"
	"time"

	"heddle/internal/engine"
	"heddle/internal/journal"
)

// Engine is what the intake asks of the engine.
type Engine interface {
	Start(ctx context.Context, req engine.StartRequest) (engine.Started, error)
}

// now is the time as the store keeps it.
func now() journal.Millis { return journal.Millis(time.Now().UnixMilli()) }
