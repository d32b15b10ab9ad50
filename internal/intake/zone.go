package intake

import (
	"fmt"
	"regexp"
	"sync"
	"time"
	_ "time/tzdata" // where the machine has no time zones
)

// zoneForm is that of the names in the time zone database. Other files may lie
// beside it.
var zoneForm = regexp.MustCompile(`^[A-Z][A-Za-z0-9_+/-]{0,63}$`)

// zones are those that were asked for before, by name.
var zones sync.Map

// Zone returns the time zone of a name, such as UTC or Europe/Berlin.
func Zone(name string) (*time.Location, error) {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), nil
	}
	if !zoneForm.MatchString(name) || name == "Local" {
		return nil, fmt.Errorf("%q is not the name of a time zone, such as Europe/Berlin", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("there is no time zone %q", name)
	}
	zones.Store(name, zone)
	return zone, nil
}
