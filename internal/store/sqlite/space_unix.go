//go:build linux || darwin || freebsd

package sqlite

import "golang.org/x/sys/unix"

// spaceOf returns how many bytes of a directory's disk this process may still
// use, and how many there are.
func spaceOf(dir string) (free, all uint64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, 0, err
	}
	return uint64(max(s.Bavail, 0)) * uint64(s.Bsize), s.Blocks * uint64(s.Bsize), nil
}
