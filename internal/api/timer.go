package api

import (
	"context"
	"errors"
	"strconv"
	"unicode/utf8"

	"heddle/internal/intake"
	"heddle/internal/journal"
	"heddle/internal/payload"
	"heddle/internal/schedule"
	"heddle/internal/store"
	"heddle/internal/urn"
	"heddle/internal/zone"
)

// Timers is what the API asks of those who fire timers.
type Timers interface {
	// Update lets a timer that is stopped be changed, and returns what it is then.
	Update(ctx context.Context, u urn.Timer, change func(*store.Timer) error) (store.Timer, error)
	// Start starts a timer, and returns what it is then.
	Start(ctx context.Context, u urn.Timer) (store.Timer, error)
	// Stop stops a timer, and returns when.
	Stop(ctx context.Context, u urn.Timer) (journal.Millis, error)
}

// timersMax is how many timers a graph may have.
const timersMax = 5

// simpleTrigger is a fixed rate as it is shown.
type simpleTrigger struct {
	Unit     string `json:"unit"`
	Interval int    `json:"interval"`
}

// ofTimers gives the unexpected errors of an endpoint the code of the timers.
func ofTimers(next endpoint) endpoint {
	return func(ctx context.Context, r *request) (any, error) {
		answer, err := next(ctx, r)
		return answer, orFault(err, r, codeTimerFault)
	}
}

// timerURN reads the URN of a timer from the path.
func (a *API) timerURN(r *request) (urn.Timer, error) {
	text := r.Param("cron_trigger_urn")
	u, err := urn.ParseTimer(text)
	if err != nil {
		return urn.Timer{}, refuse(codeURN, "the timer URN in the path is malformed: %v", err)
	}
	r.Note("timer", text)
	return u, a.checkOwner("the timer URN in the path", u.Region, u.Project, r)
}

// refuseTimer says what an error means where a timer was asked for or changed.
func refuseTimer(err error, u urn.Timer) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return refuse(codeNoTimer, "the project has no timer %q on a graph %q", u.Name, u.Graph)
	case errors.Is(err, intake.ErrTimerStarted):
		return refuse(codeTimerStarted, "timer %q is started; stop it first", u.Name)
	case errors.Is(err, intake.ErrTimerStopped):
		return refuse(codeTimerStopped, "timer %q is stopped already", u.Name)
	case errors.Is(err, intake.ErrTimerOver):
		return refuse(codeTimerOver, "the expression of timer %q does not hold any more before the end of 2099", u.Name)
	}
	return err
}

func checkTimerName(name string) error {
	const lengthMax = 32
	switch {
	case name == "":
		return refuse(codeTimerName, "cron_trigger_name must not be empty")
	case !consistsOf(name, nameSigns) || !consistsOf(name[:1], lettersDigits):
		return refuse(codeTimerName, "cron_trigger_name %q must be letters, digits, '-' and '_', and begin with a letter or digit", name)
	case utf8.RuneCountInString(name) > lengthMax:
		return refuse(codeTimerName, "cron_trigger_name has %d characters, at most %d are allowed", len(name), lengthMax)
	}
	return nil
}

// timerSettings reads into a timer what the requests that create and update timers
// have in common. What is not said stays.
func timerSettings(r *request, body object, t *store.Timer) error {
	if given(body, "description") != nil {
		description, err := body.text("description", codeTimerDescription)
		if err == nil {
			err = checkDescription(description, codeTimerDescription)
		}
		if err != nil {
			return err
		}
		t.Description = description
	}
	if err := timerSchedule(body, t); err != nil {
		return err
	}
	switch {
	case given(body, "time_zone") == nil:
	case t.Expression == "":
		return refuse(codeParameter, "time_zone is for an expression; a simple_trigger counts from its start")
	default:
		name, err := body.text("time_zone", codeParameter)
		if err != nil {
			return err
		}
		if _, err := zone.Find(name); err != nil {
			return refuse(codeParameter, "time_zone: %v", err)
		}
		t.Zone = name
	}
	return timerMisfire(r, t)
}

// timerSchedule reads when a timer fires: by an expression or at a fixed rate.
func timerSchedule(body object, t *store.Timer) error {
	expression, rate := given(body, "expression"), given(body, "simple_trigger")
	t.Expression, t.Unit, t.Interval = "", "", 0
	switch {
	case expression == nil && rate == nil:
		return refuse(codeParameter, "expression and simple_trigger are missing; send one of them")
	case expression != nil && rate != nil:
		return refuse(codeParameter, "expression and simple_trigger exclude each other; send one of them")
	case rate != nil:
		return timerRate(body, t)
	}
	text, err := body.text("expression", codeExpression)
	if err != nil {
		return err
	}
	if _, err := schedule.Parse(text); err != nil {
		return refuse(codeExpression, "expression: %v", err)
	}
	t.Expression = text
	return nil
}

func timerRate(body object, t *store.Timer) error {
	value, err := body.field("simple_trigger", payload.Object, codeParameter)
	if err != nil {
		return err
	}
	rate := object{"simple_trigger", value}
	if t.Unit, err = rate.text("unit", codeRateUnit); err != nil {
		return err
	}
	unit, there := schedule.Units[t.Unit]
	if !there {
		return refuse(codeRateUnit, "unit must be minute, hour or day, not %q", t.Unit)
	}
	interval, err := rate.field("interval", payload.Number, codeRateInterval)
	if err != nil {
		return err
	}
	t.Interval, err = strconv.Atoi(interval.Text())
	if err != nil || t.Interval < 1 || t.Interval > unit.Max {
		return refuse(codeRateInterval, "interval must be a whole number from 1 to %d for the unit %s, not %s", unit.Max, t.Unit, interval.Text())
	}
	return nil
}

// timerMisfire reads what becomes of missed fire times.
func timerMisfire(r *request, t *store.Timer) error {
	headers := r.Header["X-Heddle-Misfire"]
	if headers == nil {
		return nil
	}
	if len(headers) > 1 || !schedule.Misfire(headers[0]).Valid() {
		return refuse(codeParameter, "X-Heddle-Misfire must be one of skip, once and all")
	}
	t.Misfire = headers[0]
	return nil
}

// given returns a member of a body, or nil if it is missing or null.
func given(body object, name string) *payload.Value {
	if v := body.value.Member(name); v != nil && v.Kind() != payload.Null {
		return v
	}
	return nil
}
