package machine_test

import (
	"strings"
	"testing"

	"heddle/internal/definition"
	"heddle/internal/journal"
	"heddle/internal/machine"
)

// TestWritten lets executions write as much as they can: states that go on by
// themselves, and functions that answer at length. Both end FAILED, soon after
// they have written what is allowed.
func TestWritten(t *testing.T) {
	t.Parallel()
	const allowed = 64 << 20
	long := strings.Repeat("x", 30_000)
	thirty := "$[" + strings.Repeat("0,", 29) + "0]"
	for name, text := range map[string]string{
		"at once":  `{"states":{"a":{"type":"NOOP","start":true,"payload-filter-out":"` + thirty + `","next-state":"b"},"b":{"type":"SWITCH","payload-filter-out":"$[0,0]","choices":[{"path":"$.no","value":1,"next-state":"end"}],"default":"a"},"end":{"type":"END"}}}`,
		"by calls": `{"states":{"a":{"type":"OPERATION","start":true,"action-mode":"PARALLEL","dynamic-extend":"$","actions":[{"action-name":"f","function":"urn:fss:local:p1:function:default:f"}],"next-state":"b"},"b":{"type":"SWITCH","choices":[{"path":"$.no","value":1,"next-state":"end"}],"default":"a"},"end":{"type":"END"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, problems := definition.Parse(text)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			m := machine.Machine{Definition: d, Limits: machine.Limits{Visits: 1_000_000, Elements: 100, ElementsAtOnce: 100, ResultBytes: 1 << 18}}
			var x machine.Execution
			var records []journal.Record
			decide := func(in machine.Input) { x, records = m.Decide(x, 1, in) }
			decide(machine.Start{Name: "n", Input: `["` + long + `"]`})
			for calls := 0; !x.Ended(); calls++ {
				o := m.Outstanding(x)
				if o.Ready {
					decide(machine.Tick{})
					continue
				}
				c := o.Calls[0]
				decide(machine.Answer{Visit: c.Visit, Branch: c.Branch, Attempt: c.Attempt, Output: `"` + long + strings.Repeat("y", calls) + `"`})
			}
			if x.Written < allowed || x.Written > allowed+allowed/8 {
				t.Errorf("it wrote %d bytes, and %d are allowed", x.Written, allowed)
			}
			end, _ := records[len(records)-1].(journal.ExecutionEnded)
			if end.Status != journal.Failed || !strings.Contains(end.Output, "States.JournalExceeded") {
				t.Errorf("its last record is %+v", end)
			}
		})
	}
}
