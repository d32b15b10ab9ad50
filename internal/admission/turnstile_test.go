package admission_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/admission"
)

// who notes in which order they are let in.
type entrance struct {
	*admission.Turnstile
	mu    sync.Mutex
	order []string // guarded by mu
}

// come has somebody wait for a place, behind all who have come before.
func (e *entrance) come(ctx context.Context, project string, patience time.Duration) {
	go func() {
		if !e.Enter(ctx, project, patience) {
			project = "not " + project
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		e.order = append(e.order, project)
	}()
	synctest.Wait()
}

func (e *entrance) leave(times int) string {
	for range times {
		e.Leave()
		synctest.Wait()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	order := strings.Join(e.order, " ")
	e.order = nil
	return order
}

// Projects take turns, however many of one wait, and however long they do.
func TestTurnstile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := entrance{Turnstile: admission.NewTurnstile(2)}
		for range 6 {
			e.come(t.Context(), "loud", time.Hour)
		}
		e.come(t.Context(), "quiet", time.Hour)
		e.come(t.Context(), "still", time.Hour)
		if got, want := e.leave(0), "loud loud"; got != want {
			t.Errorf("at first: got %q, want %q", got, want)
		}
		if got, want := e.leave(4), "loud quiet still loud"; got != want {
			t.Errorf("then: got %q, want %q", got, want)
		}
		e.come(t.Context(), "quiet", time.Hour)
		if got, want := e.leave(3), "loud quiet loud"; got != want {
			t.Errorf("in the end: got %q, want %q", got, want)
		}
		e.leave(2)
		for range 3 {
			e.come(t.Context(), "late", time.Hour)
		}
		if got, want := e.leave(0), "late late"; got != want {
			t.Errorf("once it was empty: got %q, want %q", got, want)
		}
		e.leave(3)
	})
}

// Who gives up takes no place, nor that of others.
func TestTurnstileIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := entrance{Turnstile: admission.NewTurnstile(1)}
		e.come(t.Context(), "inside", time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		e.come(ctx, "gone", time.Hour)
		e.come(t.Context(), "impatient", time.Second)
		e.come(t.Context(), "patient", time.Hour)
		cancel()
		time.Sleep(2 * time.Second)
		if got, want := e.leave(1), "inside not gone not impatient patient"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		e.come(t.Context(), "next", time.Hour)
		if got, want := e.leave(1), "next"; got != want {
			t.Errorf("then: got %q, want %q", got, want)
		}
	})
}

// Places are neither lost nor made while many come and go.
func TestTurnstileKeepsItsPlaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const places = 3
		turnstile := admission.NewTurnstile(places)
		var inside, most, turnedAway atomic.Int32
		for n := range 200 {
			go func() {
				if !turnstile.Enter(t.Context(), fmt.Sprint(n%7), time.Duration(n%11)*time.Second) {
					turnedAway.Add(1)
					return
				}
				if n := inside.Add(1); n > most.Load() {
					most.Store(n) // nobody else moves at that moment
				}
				time.Sleep(time.Duration(1+n%5) * time.Second)
				inside.Add(-1)
				turnstile.Leave()
			}()
			synctest.Wait()
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if most.Load() != places || turnedAway.Load() == 0 || inside.Load() != 0 {
			t.Errorf("%d were inside at a time, %d are still, %d were turned away", most.Load(), inside.Load(), turnedAway.Load())
		}
		for range places {
			if !turnstile.Enter(t.Context(), "last", 0) {
				t.Error("a place is lost")
			}
		}
		if turnstile.Enter(t.Context(), "last", 0) {
			t.Error("a place was made")
		}
	})
}
