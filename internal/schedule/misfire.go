package schedule

import (
	"sort"
	"time"
)

// Misfire says what becomes of fire times that passed while nobody was there to
// fire.
type Misfire string

// The ways with missed fire times.
const (
	Skip Misfire = "skip" // none of them is made up for
	Once Misfire = "once" // only the latest is
	All  Misfire = "all"  // each is, as far as it lies within catchUp
)

// Valid reports whether there is such a way.
func (m Misfire) Valid() bool { return m == Skip || m == Once || m == All }

const (
	// grace is how late a fire time may be without being missed: as long as the
	// shortest time between two of them.
	grace = time.Minute
	// catchUp is how far back All makes up for more than the latest fire time.
	catchUp = 7 * 24 * time.Hour
)

// Due says what to do at a moment about a fire time that has come by then, and
// about those between the two: whether one of them is fired now, which, and up to
// which they are dealt with by that. What comes after that one may have come too,
// and then is the next to ask about.
func (m Misfire) Due(s Schedule, due, now time.Time) (upTo time.Time, fires bool) {
	last := latest(s, due, now)
	switch {
	case m == Skip:
		return last, now.Sub(last) <= grace
	case m == All && now.Sub(due) <= catchUp:
		return due, true
	case m == All && now.Sub(last) <= catchUp:
		next, _ := s.Next(now.Add(-catchUp - 1)) // it is last at the latest
		return next, true
	}
	return last, true
}

// latest returns the last moment of a schedule up to now, given an earlier one.
func latest(s Schedule, from, now time.Time) time.Time {
	// All moments of a schedule are whole seconds apart. No other is up to now
	// from the latest on, and before it there is always another.
	n := sort.Search(int(now.Sub(from)/time.Second), func(i int) bool {
		next, ok := s.Next(from.Add(time.Duration(i) * time.Second))
		return !ok || next.After(now)
	})
	return from.Add(time.Duration(n) * time.Second)
}
