package intake

import (
	"context"
	"fmt"
	"log/slog"

	"heddle/internal/alarm"
	"heddle/internal/engine"
	"heddle/internal/store"
	"heddle/internal/urn"
)

// Timers starts executions when timers are due, and changes timers.
type Timers struct {
	region string
	store  store.Timers
	engine Engine
	log    *slog.Logger
	alarm  *alarm.Alarm
	aside  map[store.TimerID]int64 // the revisions that a fault keeps from firing; owned by Run
}

// NewTimers returns timers that do not fire until Run. The region is that of the
// URNs by which the log names them.
func NewTimers(region string, st store.Timers, e Engine, log *slog.Logger) *Timers {
	return &Timers{region: region, store: st, engine: e, log: log, alarm: alarm.New(), aside: map[store.TimerID]int64{}}
}

// Run fires timers when they are due, and sleeps until the next one is, until ctx
// ends. It returns an error if the store must not be used any more.
func (t *Timers) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		t.alarm.Clear()
		next, err := t.fireDue(ctx)
		if engine.MustStop(err) {
			return fmt.Errorf("fire timers: %w", err)
		}
		t.alarm.Set(engine.NextLook(now(), next, err, len(t.aside) > 0))
		t.alarm.Wait(ctx)
	}
	return nil
}

// manyFired is how many timers that fire at once are worth a line in the log.
const manyFired = 1000

// fireDue fires all that is due, and returns when the next timer is. If it could
// not fire all, it returns an error.
func (t *Timers) fireDue(ctx context.Context) (next store.Wake, err error) {
	p := pass{Timers: t, at: now(), refused: map[string]bool{}}
	err = p.run(ctx)
	if p.started >= manyFired || p.missed > 0 {
		t.log.Info("fired timers that were due", "started", p.started, "with_missed_times", p.missed)
	}
	if err != nil {
		if ctx.Err() == nil && !refusal(err) {
			t.log.Error("fire timers", "error", err)
		}
		return store.Never, err
	}
	at, err := t.store.NextTimer(ctx)
	if at == 0 {
		return store.Never, err
	}
	return store.Wake(at), err
}

// setAside keeps a timer that cannot be fired from being tried again and again,
// until it is changed or the server starts again. The others go on.
func (t *Timers) setAside(timer store.Timer, err error) {
	u := urn.Timer{Region: t.region, Project: timer.Project, Graph: timer.GraphName, Name: timer.Name}
	t.log.Error("the timer is set aside until it is changed", "timer", u.String(), "error", err)
	t.aside[timer.ID] = timer.Revision
}

func (t *Timers) isAside(timer store.Timer) bool {
	revision, there := t.aside[timer.ID]
	return there && revision == timer.Revision
}
