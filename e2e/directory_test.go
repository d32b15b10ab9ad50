package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// TestSecondServer starts a second server on the data directory of one that
// runs: it is refused by name, and the first one serves on.
func TestSecondServer(t *testing.T) {
	t.Parallel()
	first := newServer(t, nil)
	first.start()
	second := newServerOn(t, first.dir, nil)
	second.launch()
	if code := second.awaitExit(); code <= 0 {
		t.Errorf("the second server ended with the code %d, want one above 0", code)
	}
	if said := second.tail(); !strings.Contains(said, first.dir) || !strings.Contains(said, "another") {
		t.Errorf("the second server said: %s\nwant it to name %s and that another one uses it", said, first.dir)
	}
	if a, err := first.call(http.MethodGet, "/readyz", nil, nil); err != nil || a.status != http.StatusOK {
		t.Errorf("the first server answers %v, %v", a, err)
	}
	first.drain()
	second.start() // now it may
}
