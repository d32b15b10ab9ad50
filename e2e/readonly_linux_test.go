package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestReadOnly gives the server a data directory that it cannot write to. That
// a disk turns read-only while it runs is one of TestDiskErrors.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	for _, used := range []bool{false, true} {
		t.Run(fmt.Sprintf("used before %v", used), func(t *testing.T) {
			t.Parallel()
			dir := mountSmall(t)
			s := newServerOn(t, filepath.Join(dir, "data"), nil)
			if used {
				s.start()
				s.kill()
			}
			if err := unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
				t.Skipf("a file system cannot be made read-only here: %v", err)
			}
			s.launch()
			if code := s.awaitExit(); code != 1 {
				t.Errorf("the server ended with the code %d, want 1", code)
			}
			if said := s.tail(); !strings.Contains(said, s.dir) || !strings.Contains(said, "read-only") {
				t.Errorf("the server said: %s\nwant it to name %s and that it is read-only", said, s.dir)
			}
		})
	}
}
