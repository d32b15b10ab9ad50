//go:build !linux

package e2e

// becomeIntercepted does nothing: only Linux lets system calls be intercepted.
func becomeIntercepted() {}
