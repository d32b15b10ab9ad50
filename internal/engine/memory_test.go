package engine

import (
	"errors"
	"math"
	"runtime"
	"testing"

	"heddle/internal/admission"
)

func TestStartsAreRefusedForWantOfMemory(t *testing.T) {
	t.Parallel()
	runtime.GC() // so that there is something to know
	room := admission.Room{Max: 10, Share: 10}
	for _, c := range []struct {
		limit int64
		want  error
	}{{math.MaxInt64, nil}, {1, ErrOverloaded}} {
		e := &Engine{starts: admission.NewGate(room), open: admission.NewGate(room), memory: &memory{limit: c.limit}}
		if err := e.admitStart("p"); !errors.Is(err, c.want) {
			t.Errorf("with a limit of %d bytes a start gets %v, want %v", c.limit, err, c.want)
		}
		if err := e.Crowded("p"); !errors.Is(err, c.want) {
			t.Errorf("with a limit of %d bytes another gets %v, want %v", c.limit, err, c.want)
		}
	}
}
