package simulation_test

import (
	"errors"
	"fmt"
	"math"

	"heddle/internal/alarm"
	"heddle/internal/engine"
	"heddle/internal/intake"
	"heddle/internal/journal"
	"heddle/internal/schedule"
	"heddle/internal/store"
)

// The times of timers, beside those of a run.
const (
	minute       = journal.Millis(60_000)
	timersSettle = healing + 6*minute // from then on no clock that was wrong makes one late
	timersEnd    = healing + 9*minute // they are stopped, so that the run comes to its end
	missedAfter  = minute             // how late a fire time may be that is not missed
)

// timer is a timer of the run as its owner and the ghost know it. Its fire times
// are evenly apart, so that both can count them.
type timer struct {
	row    store.Timer
	every  journal.Millis
	expect journal.Millis          // the next fire time; 0 while it is stopped
	fired  map[journal.Millis]bool // those that have had an execution; of a rate, since its start
}

// createTimers stores the timers of the run.
func (s *simulation) createTimers() {
	n, end := max(0, s.chance.IntN(4)-1), timersEnd
	if s.forced != nil { // any commit may meet a fault, also late in the run
		n, end = 1, healing+2*minute
	}
	for i := range n {
		every := 1 + s.chance.IntN(3)
		row := store.Timer{
			Graph: s.graphID(s.names[s.chance.IntN(len(s.names))]), Name: fmt.Sprintf("t%d", i), Zone: "UTC",
			Misfire: string([]schedule.Misfire{schedule.Skip, schedule.Once, schedule.All}[s.chance.IntN(3)]),
		}
		if s.chance.IntN(2) == 0 {
			row.Unit, row.Interval = "minute", every
		} else {
			row.Expression = fmt.Sprintf("*/%d * * * ?", every)
		}
		row.ID, _ = s.store.CreateTimer(background, row, 5)
		t := &timer{row: row, every: journal.Millis(every) * minute, fired: map[journal.Millis]bool{}}
		s.timers = append(s.timers, t)
		s.later(s.between(0, workload), func() { s.startTimer(t) })
		s.later(s.between(workload, healing), func() { s.stopTimer(t, true) })
		s.later(end, func() { s.stopTimer(t, false) })
	}
}

// changeTimer lets the owner of a timer change it, until that has been done.
func (s *simulation) changeTimer(t *timer, change func(row *store.Timer, at journal.Millis) error, done func(store.Timer)) {
	again := func() { s.later(500, func() { s.changeTimer(t, change, done) }) }
	if s.node == nil || s.away() {
		again()
		return
	}
	row, err := s.store.TimerByName(background, "p1", s.graphs[t.row.Graph].Name, t.row.Name)
	if err == nil {
		err = change(&row, s.node.clock())
	}
	if err == nil {
		err = s.store.ChangeTimer(background, row)
	}
	switch {
	case err == nil:
		s.record("timer %s is due at %d", row.Name, row.Next-beginning)
		done(row)
	case errors.Is(err, intake.ErrTimerStarted), errors.Is(err, intake.ErrTimerStopped):
	default:
		s.broken("a timer can be changed: %v", err)
	}
}

func (s *simulation) startTimer(t *timer) {
	s.changeTimer(t, func(row *store.Timer, at journal.Millis) error {
		if s.mutant == firedForgotten {
			row.Fired = 0
		}
		return intake.Begin(row, at)
	}, func(row store.Timer) {
		t.row, t.expect = row, t.first(row.StartedAt)
		if row.Unit != "" {
			clear(t.fired)
		}
		if row.Next != t.expect {
			s.broken("a timer begins with its first fire time: %d, not %d", t.expect-beginning, row.Next-beginning)
		}
		s.node.setTimerAlarm(row.Next)
	})
}

// stopTimer stops a timer, and perhaps starts it again soon.
func (s *simulation) stopTimer(t *timer, again bool) {
	if again && s.chance.IntN(2) == 0 {
		return
	}
	s.changeTimer(t, func(row *store.Timer, _ journal.Millis) error {
		if row.Next == 0 {
			return intake.ErrTimerStopped
		}
		row.Next = 0
		return nil
	}, func(store.Timer) {
		if !again && s.forced == nil && t.expect <= s.now-1_000 {
			s.broken("after healing no timer is late: %s was due at %d", t.row.Name, t.expect-beginning)
		}
		t.expect = 0
		if again {
			s.later(s.between(0, minute), func() { s.startTimer(t) })
		}
	})
}

// first returns the first fire time of a timer that is started at a moment.
func (t *timer) first(at journal.Millis) journal.Millis {
	if t.row.Unit != "" {
		return at
	}
	for last := range t.fired {
		at = max(at, last)
	}
	const hour = 60 * minute
	next := at - at%hour
	for next <= at {
		next = t.after(next)
	}
	return next
}

// after returns the fire time that follows another. Those of an expression begin
// anew with each hour.
func (t *timer) after(at journal.Millis) journal.Millis {
	const hour = 60 * minute
	next := at + t.every
	if t.row.Unit == "" {
		next = min(next, at-at%hour+hour)
	}
	return next
}

// fireTimers fires what is due by the node's clock, as the intake does.
func (n *node) fireTimers() {
	s := n.sim
	if n.draining {
		return
	}
	n.timerAlarm = math.MaxInt64
	if s.away() {
		n.lookForTimers(store.ErrUnavailable)
		return
	}
	at := n.clock()
	until := at
	if s.mutant == firedEarly {
		until += 2_000
	}
	due, err := s.store.DueTimers(background, until, nil, 100)
	if err != nil {
		panic(err)
	}
	waiting := 1
	var failed error
	answered := func(err error) {
		if err != nil && !errors.Is(err, store.ErrNotDue) {
			failed = err
		}
		if waiting--; waiting == 0 {
			n.lookForTimers(failed)
		}
	}
	for _, row := range due {
		f := n.planTimer(row, at)
		if f.Start == nil {
			s.store.SkipTimers(background, []store.Tick{f.Tick})
			s.ghost.skipped(row, f.Tick, at)
			continue
		}
		waiting++
		n.startByTimer(f, answered)
	}
	answered(nil)
}

// planTimer is the intake's plan, with what the mutant makes of it.
func (n *node) planTimer(row store.Timer, at journal.Millis) intake.Firing {
	switch s := n.sim; {
	case s.mutant == missedForgotten && row.Misfire == string(schedule.All):
		row.Misfire = string(schedule.Once)
	case s.mutant == skippedMadeUpFor && row.Misfire == string(schedule.Skip):
		row.Misfire = string(schedule.Once)
	}
	f, err := intake.Plan(row, max(at, row.Next))
	if err != nil {
		n.sim.broken("a timer can be fired: %v", err)
	}
	return f
}

// startByTimer starts the execution of a firing.
func (n *node) startByTimer(f intake.Firing, answered func(error)) {
	s, req := n.sim, *f.Start
	switch s.mutant {
	case movedOnBefore:
		req.Tick = nil
		s.store.SkipTimers(background, []store.Tick{f.Tick})
	case movedOnAfter:
		req.Tick = nil
	}
	n.start(req, false, func(_ engine.Started, err error) {
		s.record("start of %s is answered: %v", req.Name, err)
		if s.mutant == movedOnAfter && err == nil {
			s.store.SkipTimers(background, []store.Tick{f.Tick})
		}
		answered(err)
	})
}

// lookForTimers sets the alarm after a look that has found what it could, or failed.
func (n *node) lookForTimers(err error) {
	next := store.Never
	if err == nil {
		at, _ := n.sim.store.NextTimer(background)
		if at != 0 {
			next = store.Wake(at)
		}
	}
	n.setTimerAlarm(engine.NextLook(n.clock(), next, err, false))
}

// setTimerAlarm makes the node look at a moment of its clock, unless it looks before.
func (n *node) setTimerAlarm(at journal.Millis) {
	if at >= n.timerAlarm {
		return
	}
	n.timerAlarm = at
	n.timerBell++
	bell := n.timerBell
	n.later(max(journal.Millis(alarm.SleepFor(n.clock(), at).Milliseconds()), 10), func() {
		if bell == n.timerBell {
			n.fireTimers()
		}
	})
}
