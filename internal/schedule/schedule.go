// Package schedule says when a timer fires: by a cron expression or at a fixed
// rate, and what becomes of fire times that have passed while nobody was there
// to fire.
//
// Local times are those of the location that a caller's moment carries. A local
// time that a change of the clocks removes is skipped, one that it repeats is the
// first of the two.
//
// The package looks at no clock, loads no time zones, and knows nothing of graphs
// and executions.
package schedule

import "time"

// Schedule is an ascending row of moments.
type Schedule interface {
	// Next returns the first moment after the given one, in its location, or
	// false if there is none.
	Next(after time.Time) (next time.Time, ok bool)
}
