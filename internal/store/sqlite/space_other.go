//go:build !(linux || darwin || freebsd)

package sqlite

import "errors"

// spaceOf does not know how full a disk is here.
func spaceOf(string) (free, all uint64, err error) { return 0, 0, errors.ErrUnsupported }
