package intake

import (
	"encoding/json"
	"fmt"
	"time"

	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/schedule"
	"heddle/internal/store"
	"heddle/internal/zone"
)

// Firing is what is to be done about a timer that is due.
type Firing struct {
	Tick  store.Tick
	Start *engine.StartRequest // carries the tick; nil if nothing is started for it
}

// Plan says what is to be done at a moment about a timer that is due by then. It
// waits for nothing and looks at no clock.
func Plan(t store.Timer, at journal.Millis) (Firing, error) {
	s, where, err := scheduleOf(t)
	if err != nil {
		return Firing{}, err
	}
	upTo, fires := schedule.Misfire(t.Misfire).Due(s, moment(t.Next, where), moment(at, where))
	f := Firing{Tick: store.Tick{Timer: t.ID, Revision: t.Revision}}
	if next, ok := s.Next(upTo); ok {
		f.Tick.Next = millis(next)
	}
	if !fires {
		return f, nil
	}
	f.Tick.Fires = millis(upTo)
	f.Start = &engine.StartRequest{
		Project: t.Project,
		Graph:   t.GraphName,
		Name:    executionName(t, upTo),
		Input:   event(t, upTo),
		Tick:    &f.Tick,
	}
	return f, nil
}

// scheduleOf returns when a timer fires, and in which zone that is said.
func scheduleOf(t store.Timer) (schedule.Schedule, *time.Location, error) {
	if t.Expression == "" {
		unit := schedule.Units[t.Unit]
		if unit.Length == 0 || t.Interval < 1 {
			return nil, nil, fmt.Errorf("%d %s is no rate any more", t.Interval, t.Unit)
		}
		return schedule.Rate{First: moment(t.StartedAt, time.UTC), Every: time.Duration(t.Interval) * unit.Length}, time.UTC, nil
	}
	where, err := zone.Find(t.Zone)
	if err != nil {
		return nil, nil, err
	}
	c, err := schedule.Parse(t.Expression)
	if err != nil {
		return nil, nil, fmt.Errorf("%q is no expression any more: %w", t.Expression, err)
	}
	return c, where, nil
}

func moment(at journal.Millis, where *time.Location) time.Time {
	return time.UnixMilli(int64(at)).In(where)
}

func millis(t time.Time) journal.Millis { return journal.Millis(t.UnixMilli()) }

// executionName tells graph, timer and fire time: the names one behind the other,
// as in the published service, and what is longer than a name may be cut off the
// graph's.
func executionName(t store.Timer, at time.Time) string {
	const lengthMax = 80
	own := t.Name + "-" + at.UTC().Format("20060102T150405Z")
	return t.GraphName[:min(len(t.GraphName), lengthMax-len(own))] + own
}

// event is the input of an execution that a timer starts.
func event(t store.Timer, at time.Time) string {
	text, _ := json.Marshal(struct {
		Version     string `json:"version"`
		Time        string `json:"time"`
		TriggerType string `json:"trigger_type"`
		TriggerName string `json:"trigger_name"`
		UserEvent   string `json:"user_event"`
	}{"v1.0", at.UTC().Format("2006-01-02T15:04:05Z"), "TIMER", t.Name, ""})
	return string(text)
}
