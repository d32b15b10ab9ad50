package zone_test

import (
	"strings"
	"testing"

	"heddle/internal/zone"
)

func TestFind(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"UTC", "Europe/Berlin", "Etc/GMT+5", "America/Argentina/Buenos_Aires", "UTC"} {
		if found, err := zone.Find(name); err != nil || found.String() != name {
			t.Errorf("%s: got %v, %v", name, found, err)
		}
	}
	for _, name := range []string{"", "Local", "localtime", "right/UTC", "../etc/passwd", "Europe/../UTC", "Europe/Nowhere", "Europe", "/UTC", strings.Repeat("A", 65)} {
		if found, err := zone.Find(name); err == nil {
			t.Errorf("%s: got %v, want an error", name, found)
		}
	}
}
