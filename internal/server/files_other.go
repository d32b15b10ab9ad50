//go:build !unix

package server

import "math"

// filesMax returns how many files the process may have open: there is no limit.
func filesMax() int { return math.MaxInt }
