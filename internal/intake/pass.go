package intake

import (
	"context"
	"errors"
	"sync"

	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/store"
)

// batchMax is how many timers fire at a time: enough for their starts to share
// commits, and few beside the other starts that want their turns meanwhile.
const batchMax = 64

// pass is one look at the timers that are due at a moment. Run owns it.
type pass struct {
	*Timers
	at      journal.Millis
	started int             // executions
	skipped int             // timers that were moved on without one
	missed  int             // timers some of whose fire times are not made up for
	refused map[string]bool // projects that may not start more now
	err     error           // why some timers are still due
}

// run fires what is due, the longest due first.
func (p *pass) run(ctx context.Context) error {
	var after *store.Timer
	for {
		batch, err := p.store.DueTimers(ctx, p.at, after, batchMax)
		if err == nil {
			err = p.fire(ctx, batch)
		}
		if err != nil {
			return err
		}
		if len(batch) < batchMax {
			return p.err
		}
		after = &batch[len(batch)-1]
	}
}

// fire fires a batch of timers. It returns an error if there is no use in going on
// with the next.
func (p *pass) fire(ctx context.Context, batch []store.Timer) error {
	var firing []store.Timer
	var starts []*engine.StartRequest
	var skips []store.Tick
	for _, timer := range batch {
		if p.isAside(timer) || p.refused[timer.Project] {
			continue
		}
		f, err := Plan(timer, p.at)
		if err != nil {
			p.setAside(timer, err)
			continue
		}
		if f.Tick.Fires != timer.Next {
			p.missed++
		}
		if f.Start == nil {
			skips = append(skips, f.Tick)
			continue
		}
		firing, starts = append(firing, timer), append(starts, f.Start)
	}
	for i, err := range p.startAll(ctx, starts) {
		if err := p.learn(firing[i], err); err != nil {
			return err
		}
	}
	if len(skips) == 0 {
		return nil
	}
	p.skipped += len(skips)
	return p.store.SkipTimers(ctx, skips)
}

// startAll starts executions together, and returns what has become of each.
func (p *pass) startAll(ctx context.Context, starts []*engine.StartRequest) []error {
	outcomes := make([]error, len(starts))
	var group sync.WaitGroup
	for i, req := range starts {
		group.Go(func() { _, outcomes[i] = p.engine.Start(ctx, *req) })
	}
	group.Wait()
	return outcomes
}

// learn takes note of what has become of a start. A timer that did not fire, or may
// not have, is looked at again. It returns an error if there is no use in starting
// others now.
func (p *pass) learn(timer store.Timer, err error) error {
	switch {
	case err == nil:
		p.started++
	case errors.Is(err, store.ErrNotDue), errors.Is(err, store.ErrNotFound): // it was changed or deleted meanwhile
	case errors.Is(err, engine.ErrShareUsed):
		p.refused[timer.Project] = true
		p.err = err
	case refusal(err), errors.Is(err, store.ErrUnavailable), errors.Is(err, store.ErrOutcomeUnknown), engine.MustStop(err),
		errors.Is(err, context.Canceled):
		return err
	default:
		p.setAside(timer, err)
	}
	return nil
}

// refusal reports whether an error says no more than that others come first.
func refusal(err error) bool {
	return errors.Is(err, engine.ErrOverloaded) || errors.Is(err, engine.ErrShareUsed) || errors.Is(err, engine.ErrDraining)
}
