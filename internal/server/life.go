package server

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// life is a component that runs until it is stopped or fails.
type life struct {
	cancel context.CancelFunc
	ended  chan struct{} // closed after err is set
	err    error
}

// live runs a component. The end of ctx does not end it: stop does, when its
// turn has come.
func live(ctx context.Context, run func(context.Context) error) *life {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	l := &life{cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(l.ended)
		l.err = run(ctx)
	}()
	return l
}

// stop ends the component, waits until it has ended, and returns its error. One
// that was stopped while it began says so, which is no error.
func (l *life) stop() error {
	l.cancel()
	<-l.ended
	if errors.Is(l.err, context.Canceled) {
		return nil
	}
	return l.err
}

// within returns what f returns, or an error if that takes too long. What f
// has left undone then ends with the process; a store survives that.
func within(d time.Duration, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(d):
		return fmt.Errorf("the shutdown was not complete after %s", d)
	}
}
