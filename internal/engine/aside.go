package engine

import (
	"fmt"
	"time"

	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/store"
)

// How long an execution that cannot be run is left alone: from the first, doubling
// up to the second. What keeps it from running is a fault of ours or of the data,
// which the next version or a repaired database may not have, and no load is worth
// trying more often.
const (
	asideMin = 2 * time.Second
	asideMax = 10 * time.Minute
)

// aside is an execution that cannot be run.
type aside struct {
	until journal.Millis // when it is tried again
	pause time.Duration  // after which that is
}

// setAside leaves an execution alone for a while, and longer each time. The others
// go on.
func (e *Engine) setAside(x *Execution, err error) {
	e.mu.Lock()
	pause := min(max(2*e.aside[x.Key].pause, asideMin), asideMax)
	e.aside[x.Key] = aside{later(pause), pause}
	e.mu.Unlock()
	e.alarm.Set(later(pause))
	e.log.Error("the execution is set aside", "execution", fmt.Sprintf("%x", x.Key.ID[:]), "urn", x.URN.String(), "again_in", pause, "error", err)
}

// takeBack forgets that an execution was set aside: it runs again, or is gone.
func (e *Engine) takeBack(x *Execution) {
	e.mu.Lock()
	delete(e.aside, x.Key)
	e.mu.Unlock()
	e.log.Info("the execution that was set aside goes on", "execution", fmt.Sprintf("%x", x.Key.ID[:]), "urn", x.URN.String())
}

// isAside reports whether an execution is left alone.
func (e *Engine) isAside(key store.Key) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	a, there := e.aside[key]
	return there && a.until > now()
}

func (e *Engine) anyAside() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.aside) > 0
}

// tryAside tries those again that have been left alone for long enough. It returns
// when the next of the others has been, or 0 if there is none.
func (e *Engine) tryAside() (next journal.Millis) {
	var keys []store.Key
	e.mu.Lock()
	for key, a := range e.aside {
		switch at := now(); {
		case a.until <= at:
			keys = append(keys, key)
		case next == 0 || a.until < next:
			next = a.until
		}
	}
	e.mu.Unlock()
	e.postAll(keys, machine.Tick{})
	return next
}
