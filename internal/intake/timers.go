package intake

import (
	"context"
	"fmt"
	"log/slog"

	"heddle/internal/alarm"
	"heddle/internal/engine"
	"heddle/internal/journal"
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
	aside  map[store.TimerID]fault // timers that could not be fired; owned by Run
}

// fault keeps a timer from firing for a while, unless something becomes of it.
type fault struct {
	revision int64
	until    journal.Millis
}

// NewTimers returns timers that do not fire until Run. The region is that of the
// URNs by which the log names them.
func NewTimers(region string, st store.Timers, e Engine, log *slog.Logger) *Timers {
	return &Timers{region: region, store: st, engine: e, log: log, alarm: alarm.New(), aside: map[store.TimerID]fault{}}
}

// Run fires timers when they are due, and sleeps until the next one is, until ctx
// ends. It returns an error if the store must not be used any more.
func (t *Timers) Run(ctx context.Context) error {
	wait := pauseMin
	for ctx.Err() == nil {
		t.alarm.Clear()
		look, err := t.fireDue(ctx)
		switch {
		case engine.MustStop(err):
			return fmt.Errorf("fire timers: %w", err)
		case err == nil:
			wait = pauseMin
		default:
			look = now() + journal.Millis(wait.Milliseconds())
			wait = min(2*wait, pauseMax)
		}
		t.alarm.Set(look)
		t.alarm.Wait(ctx)
	}
	return nil
}

// manyFired is how many timers that fire at once are worth a line in the log.
const manyFired = 1000

// fireDue fires all that is due, and returns when to look again. If it could not
// fire all for now, it returns an error.
func (t *Timers) fireDue(ctx context.Context) (look journal.Millis, err error) {
	p := pass{Timers: t, at: now(), refused: map[string]bool{}}
	err = p.run(ctx)
	if p.started >= manyFired || p.missed > 0 {
		t.log.Info("fired timers that were due", "started", p.started, "with_missed_times", p.missed)
	}
	if err != nil && ctx.Err() == nil && !refusal(err) {
		t.log.Error("fire timers", "error", err)
	}
	next := store.Never
	if err == nil {
		next, err = t.nextWake(ctx)
	}
	// What is due after a pass that has moved nothing on will not move at once.
	return engine.NextLook(now(), next, err, p.started+p.skipped == 0), err
}

func (t *Timers) nextWake(ctx context.Context) (store.Wake, error) {
	next, err := t.store.NextTimer(ctx)
	if next == 0 {
		return store.Never, err
	}
	return store.Wake(next), err
}

// pauseAfterFault is how long a timer is left alone that could not be fired.
const pauseAfterFault = 60_000

// setAside leaves a timer alone that could not be fired. The others go on.
func (t *Timers) setAside(timer store.Timer, err error) {
	u := urn.Timer{Region: t.region, Project: timer.Project, Graph: timer.GraphName, Name: timer.Name}
	t.log.Error("the timer could not be fired", "timer", u.String(), "error", err)
	t.aside[timer.ID] = fault{timer.Revision, now() + pauseAfterFault}
}

// isAside reports whether a timer is left alone.
func (t *Timers) isAside(timer store.Timer) bool {
	f, there := t.aside[timer.ID]
	if there && f.revision == timer.Revision && now() < f.until {
		return true
	}
	delete(t.aside, timer.ID)
	return false
}
