package simulation_test

import (
	"encoding/json"
	"time"

	"heddle/internal/journal"
	"heddle/internal/schedule"
	"heddle/internal/store"
)

// event is what the input of an execution says that a timer has started.
type event struct {
	Kind  string    `json:"trigger_type"`
	Timer string    `json:"trigger_name"`
	Time  time.Time `json:"time"`
}

// timed checks a start that may be a timer's, by its input alone.
func (g *ghost) timed(head store.Head, start journal.ExecutionStarted) {
	var e event
	if json.Unmarshal([]byte(start.Input), &e) != nil || e.Kind != "TIMER" {
		return
	}
	var t *timer
	for _, one := range g.sim.timers {
		if one.row.Name == e.Timer {
			t = one
		}
	}
	at := journal.Millis(e.Time.UnixMilli())
	if t.row.Unit != "" {
		at += t.row.StartedAt % 1_000 // which the event does not tell
	}
	s := g.sim
	switch {
	case t.fired[at]:
		s.broken("a fire time starts one execution: %s at %d has another", t.row.Name, at-beginning)
	case t.expect == 0:
		s.broken("a timer that is stopped does not fire: %s at %d", t.row.Name, at-beginning)
	case head.StartedAt < at:
		s.broken("no timer fires early: %s at %d, for %d", t.row.Name, head.StartedAt-beginning, at-beginning)
	case at != t.expect && (t.row.Misfire == string(schedule.All) || !t.missed(at, head.StartedAt)):
		s.broken("fire times and executions match: %s at %d, for %d, not %d", t.row.Name, head.StartedAt-beginning, at-beginning, t.expect-beginning)
	case t.row.Misfire == string(schedule.Skip) && head.StartedAt-at > missedAfter:
		s.broken("what is missed is not made up for: %s at %d, for %d", t.row.Name, head.StartedAt-beginning, at-beginning)
	case s.now > beginning+timersSettle && head.StartedAt > at+1_000:
		s.broken("after healing no timer fires late: %s at %d, for %d", t.row.Name, head.StartedAt-beginning, at-beginning)
	}
	t.fired[at] = true
	t.expect = t.after(at)
}

// missed reports whether a fire time is a later one than was expected, and the
// last up to a moment.
func (t *timer) missed(at, now journal.Millis) bool {
	for next := t.expect; next <= at; next = t.after(next) {
		if next == at {
			return t.after(at) > now
		}
	}
	return false
}

// skipped checks fire times for which nothing is started.
func (g *ghost) skipped(row store.Timer, tick store.Tick, now journal.Millis) {
	for _, t := range g.sim.timers {
		if t.row.Name != row.Name {
			continue
		}
		last := t.expect
		for t.after(last) < tick.Next {
			last = t.after(last)
		}
		if row.Misfire != string(schedule.Skip) || t.after(last) != tick.Next || tick.Next <= now || now-last <= missedAfter {
			g.sim.broken("only what is missed is skipped: %s from %d to %d at %d", row.Name, t.expect-beginning, tick.Next-beginning, now-beginning)
		}
		t.expect = tick.Next
	}
}
