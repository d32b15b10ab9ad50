// Package intake takes what comes in by itself and starts executions for it:
// timers that fire.
//
// It decides what is to be started and when. That it is started once is the
// store's part: the transaction that starts an execution for a fire time also
// moves its timer on, on condition that nothing has become of the timer since it
// was looked at. So whatever is not known here, after a crash or a lost answer, is
// found out by looking again.
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
