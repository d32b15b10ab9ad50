package admission_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/admission"
)

func enter(t *testing.T, g *admission.Gate, project string, want error) {
	t.Helper()
	if got := g.Enter(project); got != want {
		t.Errorf("%s enters: got %v, want %v", project, got, want)
	}
}

func TestGate(t *testing.T) {
	t.Parallel()
	g := admission.NewGate(admission.Room{Max: 4, Share: 3, Narrow: 1})
	enter(t, g, "a", nil)
	enter(t, g, "a", nil)
	enter(t, g, "a", nil)
	enter(t, g, "a", admission.ErrShare)
	if got := g.Check("b"); got != nil {
		t.Errorf("b would be refused: %v", got)
	}
	enter(t, g, "b", nil)
	enter(t, g, "b", admission.ErrFull)
	enter(t, g, "a", admission.ErrFull)
	if got := g.Check("c"); got != admission.ErrFull {
		t.Errorf("c would be let in: %v", got)
	}
	g.Leave("b")
	enter(t, g, "a", admission.ErrShare)
	g.Push("a") // whatever the limits say
	enter(t, g, "b", admission.ErrFull)
	for range 3 {
		g.Leave("a")
	}
	enter(t, g, "a", nil)
	enter(t, g, "b", nil)
}

func TestGateOfOneProject(t *testing.T) {
	t.Parallel()
	g := admission.NewGate(admission.Room{Max: 3, Share: 3, Narrow: 1})
	for range 3 {
		enter(t, g, "a", nil)
	}
	enter(t, g, "a", admission.ErrFull)
	enter(t, g, "b", admission.ErrFull)
}

// TestGateSharesOut has three projects flood, each of whose members leaves now
// and then: all get the same in the end, and there is room for a fourth.
func TestGateSharesOut(t *testing.T) {
	t.Parallel()
	g := admission.NewGate(admission.Room{Max: 400, Share: 300, Narrow: 1})
	inside := map[string]int{}
	for turn := range 3000 {
		project := fmt.Sprint(turn % 3)
		if inside[project] > 0 {
			g.Leave(project)
			inside[project]--
		}
		for g.Enter(project) == nil {
			inside[project]++
		}
	}
	for project, n := range inside { // x = 3 * (400 - 3x)
		if n < 110 || n > 130 {
			t.Errorf("project %s has %d inside, want about 120", project, n)
		}
	}
	for range 20 {
		enter(t, g, "fresh", nil)
	}
}

// TestGateNarrows holds that a crowd that does not end is let in by few, until
// it has ended, and that others do not notice.
func TestGateNarrows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := admission.NewGate(admission.Room{Max: 16, Share: 12, Narrow: 6})
		for range 12 {
			enter(t, g, "a", nil)
		}
		for range 50 {
			enter(t, g, "a", admission.ErrShare)
			time.Sleep(100 * time.Millisecond)
		}
		for range 11 {
			g.Leave("a")
		}
		enter(t, g, "a", nil)
		enter(t, g, "a", admission.ErrShare) // 2 of 12
		enter(t, g, "b", nil)
		enter(t, g, "b", nil)
		enter(t, g, "b", nil)
		for range 3 {
			g.Leave("b")
		}
		time.Sleep(time.Second)
		for range 10 {
			enter(t, g, "a", nil)
		}
	})
}
