// Package zone finds time zones by their names in the time zone database: that of
// the machine, or one of its own where the machine has none.
package zone

import (
	"fmt"
	"regexp"
	"sync"
	"time"
	_ "time/tzdata" // the one of its own
)

// form is that of the names. Other files may lie beside the zones.
var form = regexp.MustCompile(`^[A-Z][A-Za-z0-9_+/-]{0,63}$`)

// known are those that were found before, by name. There are some hundreds.
var known sync.Map

// Find returns the time zone of a name, such as UTC or Europe/Berlin.
func Find(name string) (*time.Location, error) {
	if found, ok := known.Load(name); ok {
		return found.(*time.Location), nil
	}
	if !form.MatchString(name) || name == "Local" {
		return nil, fmt.Errorf("%q is not the name of a time zone, such as Europe/Berlin", name)
	}
	found, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("there is no time zone %q", name)
	}
	known.Store(name, found)
	return found, nil
}
