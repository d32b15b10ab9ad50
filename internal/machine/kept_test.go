package machine_test

import (
	"fmt"
	"testing"

	"heddle/internal/definition"
	"heddle/internal/journal"
	"heddle/internal/machine"
)

// TestKept sends more events than are kept before the state that takes one.
func TestKept(t *testing.T) {
	t.Parallel()
	const trigger = "urn:fgs:local:p1:trigger:SMN_topic_1"
	d, problems := definition.Parse(`{"event-defs":{"told":{"source":"` + trigger + `"}},"states":{
		"sleep":{"type":"DELAY","start":true,"time-delay":10,"next-state":"wait"},
		"wait":{"type":"EVENT","events":[{"event-expression":"told","next-state":"end"}]},"end":{"type":"END"}}}`)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	m := machine.Machine{Definition: d, Limits: machine.Limits{Visits: 10}}
	x, _ := m.Decide(machine.Execution{}, 0, machine.Start{Name: "x", Input: "{}"})
	var dropped []string
	for n := 1; n <= 103; n++ {
		var records []journal.Record
		x, records = m.Decide(x, 1, machine.Arrival{Trigger: trigger, ID: fmt.Sprint(n), Number: uint64(n), Payload: fmt.Sprint(n)})
		for _, r := range records {
			if r, ok := r.(journal.EventDropped); ok {
				dropped = append(dropped, r.Event+" "+r.ID)
			}
		}
	}
	if got, want := fmt.Sprint(dropped), "[told 1 told 2 told 3]"; got != want || len(x.Kept) != 100 {
		t.Errorf("got %s dropped and %d kept, want %s and 100", got, len(x.Kept), want)
	}
	x, records := m.Decide(x, 10_000, machine.Tick{})
	if end, ok := records[len(records)-1].(journal.ExecutionEnded); !ok || end.Output != "4" {
		t.Errorf("got %+v at the end, want the oldest event that is kept", records[len(records)-1])
	}
	if len(x.Kept) != 0 {
		t.Errorf("an execution that has ended keeps %d events", len(x.Kept))
	}
}
