package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// TestEndlessLoops lets many executions of one graph go round and round. Each is
// stopped by its limit, with the reason in its history, and those of other
// graphs go on meanwhile.
func TestEndlessLoops(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	s.set(fmt.Sprintf("limit-state-visits: %d", amount(500, 2000)))
	s.start()
	loop, err := s.createGraph("loop", states(
		`"a":{"type":"NOOP","start":true,"next-state":"b"}`,
		`"b":{"type":"SWITCH","choices":[{"path":"$.n","operator":"EQ","value":1,"next-state":"end"}],"default":"a"}`))
	if err != nil {
		t.Fatal(err)
	}
	pass, err := s.createGraph("pass", graphs()[0].definition)
	if err != nil {
		t.Fatal(err)
	}
	loops := amount(20, 1000)
	for n := range loops {
		s.mustStartOf(t, loop, `{"n":0}`)
		if n%10 > 0 {
			continue
		}
		if x := s.awaitEnd(t, s.mustStartOf(t, pass, `{"n":0}`)); x.Status != "SUCCESS" {
			t.Errorf("beside the loops an execution ended %s: %s", x.Status, x.Output)
		}
	}
	all := s.awaitAll(t, loop)
	if len(all) != loops {
		t.Errorf("there are %d executions of %d", len(all), loops)
	}
	for _, x := range all {
		shown, err := s.show(x.URN)
		if err != nil {
			t.Fatal(err)
		}
		if shown.Status != "FAILED" || !strings.Contains(shown.Output, "FGS.9001") {
			t.Errorf("%s ended %s: %s", x.URN, shown.Status, shown.Output)
		}
	}
}
