package admission_test

import (
	"testing"

	"heddle/internal/admission"
)

func TestGate(t *testing.T) {
	t.Parallel()
	g := admission.NewGate(admission.Room{Max: 4, Share: 3})
	enter := func(project string, want error) {
		t.Helper()
		if got := g.Enter(project); got != want {
			t.Errorf("%s enters: got %v, want %v", project, got, want)
		}
	}
	enter("a", nil)
	enter("a", nil)
	enter("a", nil)
	enter("a", admission.ErrShare)
	enter("b", nil)
	enter("b", admission.ErrFull)
	enter("a", admission.ErrFull)
	g.Leave("b")
	enter("a", admission.ErrShare)
	g.Push("a") // whatever the limits say
	enter("b", admission.ErrFull)
	g.Leave("a")
	g.Leave("a")
	enter("a", nil)
	for range 3 {
		g.Leave("a")
	}
	enter("b", nil)
}
