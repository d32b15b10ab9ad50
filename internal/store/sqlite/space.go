package sqlite

import (
	"fmt"

	"heddle/internal/store"
)

// The last of a disk is for executions that run: to come to their end they have
// to be stored, too. So starts are refused while less than a twentieth of the
// disk is free, or less than spareBytes of a large one.
const (
	spareShare = 20
	spareBytes = 256 << 20
)

// checkSpace returns store.ErrUnavailable if there is no room for new
// executions.
func checkSpace(dir string) error {
	free, all, err := spaceOf(dir)
	if err != nil || free >= min(all/spareShare, spareBytes) {
		return nil // a system that does not say how full the disk is says it when it is full
	}
	return fmt.Errorf("%w: of the disk's %d bytes %d are free, which are kept for executions that run", store.ErrUnavailable, all, free)
}
