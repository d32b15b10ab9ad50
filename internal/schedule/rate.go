package schedule

import "time"

// Rate fires at its first moment, and then each time so long after the last. Its
// Every is above 0.
type Rate struct {
	First time.Time
	Every time.Duration
}

// Next returns the first moment of the rate after the given one.
func (r Rate) Next(after time.Time) (time.Time, bool) {
	if after.Before(r.First) {
		return r.First.In(after.Location()), true
	}
	times := after.Sub(r.First)/r.Every + 1
	return r.First.Add(times * r.Every).In(after.Location()), true
}

// Unit is a unit of fixed rates.
type Unit struct {
	Length time.Duration
	Max    int // how many of it a rate may have
}

// Units are the units of fixed rates by their names. A day has 24 hours.
var Units = map[string]Unit{
	"minute": {time.Minute, 60},
	"hour":   {time.Hour, 24},
	"day":    {24 * time.Hour, 30},
}
