package functionapi_test

import (
	"fmt"
	"testing"

	"heddle/internal/function"
	"heddle/internal/function/logbook"
)

func TestLogs(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.ok(s.do("POST", base, created()), 200)
	name := function.LogName(project, "default", "hello")
	for n := range 3 {
		if err := s.logs.Write(name, logbook.Line{Request: "r", Version: "v1", Text: fmt.Sprint("line ", n)}); err != nil {
			t.Fatal(err)
		}
	}
	const first = `{"lines":[{"number":1,"at":"0001-01-01T00:00:00Z","request_id":"r","version":"v1","text":"line 0"}],"next_marker":1}`
	if got := s.ok(s.do("GET", one+"/logs?marker=0&limit=1", ""), 200).Body.String(); got != first {
		t.Errorf("got %s, want %s", got, first)
	}
	for query, want := range map[string]float64{"": 3, "?limit=1": 3, "?marker=2": 3, "?marker=3": 3, "?marker=9": 9} {
		if got := s.ok(s.do("GET", one+":latest/logs"+query, ""), 200); got.fields["next_marker"] != want {
			t.Errorf("%s: got %s, want the marker %v", query, got.Body, want)
		}
	}
	s.ok(s.do("GET", one+"/logs?marker=2", "", "X-Heddle-Wait-Seconds: 20"), 200) // there is a line
	s.wantRefusal(s.do("GET", one+"/logs", "", "X-Heddle-Wait-Seconds: 21"), "FSS.0400", "0 to 20")
	s.wantRefusal(s.do("GET", one+"/logs?marker=x", ""), "FSS.1001", "marker")
	s.wantRefusal(s.do("GET", one+"2/logs", ""), "FSS.1051", "no function")

	s.ok(s.do("DELETE", one, ""), 204)
	s.ok(s.do("POST", base, created()), 200)
	if got := s.ok(s.do("GET", one+"/logs?marker=0", ""), 200); got.fields["next_marker"] != 0.0 {
		t.Errorf("the log has outlived its function: %s", got.Body)
	}
}
