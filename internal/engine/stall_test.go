package engine_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/store"
)

// A disk that stands still is no place to queue for: the engine says so, and
// is ready again as soon as the disk is.
func TestAnEngineIsNotReadyWhileACommitStandsStill(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.create("g", pass)
		r.store.Faults.Before = func(method string) error {
			if method == "Commit" {
				time.Sleep(10 * time.Second)
			}
			return nil
		}
		var slow error
		go func() { _, slow = r.Start(context.Background(), request) }()
		for _, want := range []struct {
			after time.Duration
			err   error
		}{{2 * time.Second, nil}, {2 * time.Second, store.ErrUnavailable}, {7 * time.Second, nil}} {
			time.Sleep(want.after)
			synctest.Wait()
			if err := r.Ready(); !errors.Is(err, want.err) {
				t.Errorf("ready: got %v, want %v", err, want.err)
			}
			if want.err != nil {
				if _, err := r.Start(context.Background(), request); !errors.Is(err, want.err) {
					t.Errorf("start: got %v, want %v", err, want.err)
				}
			}
		}
		if slow != nil {
			t.Errorf("the start that waited: got %v", slow)
		}
	})
}
