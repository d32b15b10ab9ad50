package schedule

import (
	"slices"
	"time"
)

// Cron is a parsed expression: it holds at every second at which all of its
// fields hold. Its expression names no time zone.
type Cron struct {
	seconds, minutes, hours field
	days                    field // of the month, from 1
	months                  field
	weekdays                field // as time.Weekday
	years                   field
}

// field is what an expression says about one part of a date or time.
type field struct {
	values  []int // sorted, each once; nil if any value will do, or if special says more
	special special
}

// The years that an expression can speak of. The last ends at its end in UTC,
// whatever the location.
const (
	yearMin = 1970
	yearMax = 2099
)

var end = time.Date(yearMax+1, time.January, 1, 0, 0, 0, 0, time.UTC)

// holds reports whether a field without a special holds for a value.
func (f field) holds(value int) bool {
	if f.values == nil {
		return true
	}
	_, found := slices.BinarySearch(f.values, value)
	return found
}

// Next returns the first moment after the given one at which the expression
// holds in its location. It searches no further than the end of 2099.
func (c *Cron) Next(after time.Time) (time.Time, bool) {
	year, from, day := after.Date()
	if year < yearMin {
		year, from, day = yearMin, time.January, 1
		after = time.Date(year, from, day, 0, 0, 0, -1, after.Location())
	}
	for ; year <= yearMax; year++ {
		if c.years.holds(year) {
			for m := from; m <= time.December; m++ {
				if next, ok := c.nextIn(monthOf(year, m), day, after); ok {
					return next, next.Before(end)
				}
				day = 1
			}
		}
		from, day = time.January, 1
	}
	return time.Time{}, false
}

// nextIn is Next within a month, from a day on.
func (c *Cron) nextIn(m month, day int, after time.Time) (time.Time, bool) {
	if !c.months.holds(int(m.month)) {
		return time.Time{}, false
	}
	days := c.days.daysOf(m) & c.weekdays.weekdaysOf(m)
	for ; day <= m.length; day++ {
		if days.has(day) {
			if next, ok := c.nextOn(m, day, after); ok {
				return next, true
			}
		}
	}
	return time.Time{}, false
}

// nextOn is Next within a day. Times of the day before the one that clocks show
// at the given moment have been there, also where they come a second time.
func (c *Cron) nextOn(m month, day int, after time.Time) (time.Time, bool) {
	hour, minute := 0, 0
	if y, mo, d := after.Date(); y == m.year && mo == m.month && d == day {
		hour, minute = after.Hour(), after.Minute()
	}
	for _, h := range c.hours.values {
		for _, mi := range c.minutes.values {
			if h < hour || h == hour && mi < minute {
				continue
			}
			for _, s := range c.seconds.values {
				next, ok := moment(m, day, clock{h, mi, s}, after.Location())
				if ok && next.After(after) {
					return next, true
				}
			}
		}
	}
	return time.Time{}, false
}

// clock is a time of the day.
type clock struct{ hour, minute, second int }

// moment returns the first moment at which the clocks of a location show a time,
// or false if they never do.
func moment(m month, day int, c clock, where *time.Location) (time.Time, bool) {
	t := time.Date(m.year, m.month, day, c.hour, c.minute, c.second, 0, where)
	if t.Day() != day || t.Hour() != c.hour || t.Minute() != c.minute || t.Second() != c.second {
		return time.Time{}, false // the clocks were set forward over it
	}
	// Where the clocks were set back, time.Date may have chosen the later one.
	changed, _ := t.ZoneBounds()
	if changed.IsZero() {
		return t, true
	}
	_, offset := t.Zone()
	_, before := changed.Add(-1).Zone()
	if earlier := t.Add(time.Duration(offset-before) * time.Second); earlier.Before(changed) {
		return earlier, true
	}
	return t, true
}
