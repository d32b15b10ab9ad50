package engine

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"heddle/internal/admission"
)

// refusalsInterval is how often refused starts are worth a log line. A line
// for each would be work for the one who has too much of it already.
const refusalsInterval = 10 * time.Second

// refusals counts starts that were refused for want of room.
type refusals struct {
	overloaded, shareUsed atomic.Int64
}

// admitStart makes room for a start, and for the execution that it begins, or
// refuses it at once: nothing has happened. What runs already comes first.
//
// The number of starts on their way is what bounds how long each of them takes:
// with n of them, and r committed in a second, the last one waits n/r seconds.
// So a limit of them, narrow while too many come, keeps the delay of those that
// are let in near what it is without overload, with no delay to aim at that would
// have to fit the disk and the processors. A queue that is watched for its delay
// would see less: each commit takes all that has queued up, and the delay is in
// the many that want the processors at once.
func (e *Engine) admitStart(project string) error {
	if e.memory.isShort() {
		return e.refuse(ErrOverloaded)
	}
	if err := e.starts.Enter(project); err != nil {
		return e.refuse(err)
	}
	if err := e.open.Enter(project); err != nil {
		e.starts.Leave(project)
		return e.refuse(err)
	}
	return nil
}

// Crowded returns the error with which a start of a project would be refused at
// once, or nil. It counts as a refusal, and costs less than one by Start: for
// those who find out before they have understood what is asked of them.
func (e *Engine) Crowded(project string) error {
	if e.memory.isShort() {
		return e.refuse(ErrOverloaded)
	}
	for _, gate := range []*admission.Gate{e.starts, e.open} {
		if err := gate.Check(project); err != nil {
			return e.refuse(err)
		}
	}
	return nil
}

// refuse counts the refusal of a start and returns it as the engine's callers
// know it.
func (e *Engine) refuse(err error) error {
	if errors.Is(err, admission.ErrShare) {
		e.refused.shareUsed.Add(1)
		return ErrShareUsed
	}
	e.refused.overloaded.Add(1)
	return ErrOverloaded
}

// reportRefusals logs how many starts were refused, until ctx ends.
func (e *Engine) reportRefusals(ctx context.Context) {
	for sleepUntil(ctx, later(refusalsInterval)) {
		overloaded, shareUsed := e.refused.overloaded.Swap(0), e.refused.shareUsed.Swap(0)
		if overloaded+shareUsed > 0 {
			e.log.Warn("starts were refused", "within", refusalsInterval, "overloaded", overloaded, "share_used", shareUsed)
		}
	}
}
