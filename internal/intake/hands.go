package intake

import "sync"

// hands does many things, some at a time, and remembers the first error.
type hands struct {
	slots chan struct{}
	work  sync.WaitGroup

	mu  sync.Mutex
	err error // guarded by mu
}

func newHands() *hands { return &hands{slots: make(chan struct{}, handsMax)} }

// do begins one thing as soon as there is a hand for it, unless one has failed.
func (h *hands) do(thing func() error) {
	if h.failed() != nil {
		return
	}
	h.slots <- struct{}{}
	h.work.Go(func() {
		defer func() { <-h.slots }()
		if err := thing(); err != nil {
			h.mu.Lock()
			defer h.mu.Unlock()
			if h.err == nil {
				h.err = err
			}
		}
	})
}

// wait returns when all is done, with the first error.
func (h *hands) wait() error {
	h.work.Wait()
	return h.failed()
}

func (h *hands) failed() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.err
}
