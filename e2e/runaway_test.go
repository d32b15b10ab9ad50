package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// TestRunaways lets executions run into each limit. Each ends as FAILED, and its
// history says why in its last record.
func TestRunaways(t *testing.T) {
	t.Parallel()
	big := `"` + strings.Repeat("x", 250_000) + `"`
	s := newServerWith(t, functions{
		"echo": func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) },
		"big": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"attempt":%q,"big":%s}`, r.Header.Get("X-Heddle-Invocation-Id"), big)
		},
		"huge": func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, big[:len(big)-1], big[1:]) },
		"deep": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, strings.Repeat("[", 65), strings.Repeat("]", 65))
		},
	})
	s.start()
	const again = `,"next-state":"again"},"again":{"type":"SWITCH","choices":[{"path":"$.never","operator":"EQ","value":true,"next-state":"end"}],"default":"s"},"end":{"type":"END"}}}`
	for _, c := range []struct {
		name, definition, input string
		code, failure, message  string
	}{
		{
			"a loop that does not end",
			`{"states":{"s":{"type":"NOOP","start":true` + again, `{"never":false}`,
			"FGS.9001", "States.VisitsExceeded", "visited 10000 states",
		}, {
			"a loop that gathers payloads",
			`{"states":{"s":{"type":"OPERATION","start":true,"actions":[{"action-name":"a","function":"` + function("big") + `"}]` + again, `{}`,
			"FGS.9007", "States.JournalExceeded", "more than the 67108864 that are allowed",
		}, {
			"a result that is too long",
			calling("huge"), `{}`,
			"FGS.2011", "States.ActionFailed", "longer than the allowed 262144 bytes",
		}, {
			"a result that nests too deep",
			calling("deep"), `{}`,
			"FGS.2010", "States.ActionFailed", "nest",
		}, {
			"too many elements",
			strings.Replace(calling("echo"), `"type":"OPERATION"`, `"type":"OPERATION","action-mode":"PARALLEL","dynamic-extend":"$"`, 1),
			"[" + strings.Repeat("1,", 1000) + "1]",
			"FGS.9007", "States.ElementsExceeded", "1001 elements, more than the 1000",
		}, {
			"a query that takes too much work",
			`{"states":{"s":{"type":"NOOP","start":true,"payload-filter-in":"$..*..*..*..*","next-state":"end"},"end":{"type":"END"}}}`,
			"[" + strings.Repeat("[[[[[[[[", 7) + strings.Repeat("1,", 10_000) + "1" + strings.Repeat("]]]]]]]]", 7) + "]",
			"FGS.9007", "States.BudgetExceeded", "more work",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			urn := s.mustStart(t, c.definition, c.input)
			if x := s.awaitEnd(t, urn); x.Status != "FAILED" {
				t.Fatalf("it ended %s", x.Status)
			}
			records, err := s.history(urn)
			if err != nil {
				t.Fatal(err)
			}
			last := records[len(records)-1]
			var output struct {
				Error struct{ Code, Name, Message string }
			}
			if err := json.Unmarshal([]byte(last.Output), &output); err != nil {
				t.Fatalf("the last record is %+v: %v", last, err)
			}
			got := output.Error
			if last.Type != "Execution End" || last.Status != "FAILED" || got.Code != c.code || got.Name != c.failure || !strings.Contains(got.Message, c.message) {
				t.Errorf("the history ends with %s %s %+v, want %s %s with %q", last.Type, last.Status, got, c.code, c.failure, c.message)
			}
		})
	}
}

// counter counts how many are inside at a time.
type counter struct {
	mu          sync.Mutex
	inside, max int
}

func (c *counter) enter() (leave func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inside++
	c.max = max(c.max, c.inside)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.inside--
	}
}

func (c *counter) most() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.max
}
