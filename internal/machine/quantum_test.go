package machine_test

import (
	"strings"
	"testing"

	"heddle/internal/definition"
	"heddle/internal/journal"
	"heddle/internal/machine"
)

// A loop that never waits gives way to others after a hundred states or so,
// goes on where it was, and can be stopped in between.
func TestALongRunTakesTurns(t *testing.T) {
	t.Parallel()
	d, problems := definition.Parse(`{"states":{"a":{"type":"NOOP","start":true,"next-state":"b"},"b":{"type":"SWITCH","choices":[{"path":"$.stop","value":true,"next-state":"end"}],"default":"a"},"end":{"type":"END"}}}`)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	m := machine.Machine{Definition: d, Limits: machine.Limits{Visits: 1000, Elements: 1, ElementsAtOnce: 1, ResultBytes: 1}}
	x, all := m.Decide(machine.Execution{}, 1, machine.Start{Name: "n", Input: `{}`})
	turns := 1
	for ; m.Outstanding(x).Ready; turns++ {
		if stopped, records := m.Decide(x, 1, machine.Stop{}); stopped.Status != journal.Aborted || len(records) != 1 {
			t.Fatalf("stopped between two states: %v, %+v", stopped.Status, records)
		}
		before := x.Visits
		var records []journal.Record
		x, records = m.Decide(x, 1, machine.Tick{})
		all = append(all, records...)
		if entered := x.Visits - before; entered > 100 {
			t.Fatalf("it entered %d states in one turn", entered)
		}
	}
	if turns < 10 {
		t.Errorf("it took %d turns for 1000 states", turns)
	}
	end, _ := all[len(all)-1].(journal.ExecutionEnded)
	if !strings.Contains(end.Output, "FGS.9001") || x.Visits != 1000 {
		t.Errorf("it ended after %d states with %+v", x.Visits, end)
	}
	for i := 1; i < len(all)-2; i += 2 {
		entered, ok := all[i].(journal.StateEntered)
		exited, ok2 := all[i+1].(journal.StateExited)
		if !ok || !ok2 || entered.State != exited.State {
			t.Fatalf("records %d and %d are %+v and %+v", i, i+1, all[i], all[i+1])
		}
	}
}
