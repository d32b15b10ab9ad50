package e2e

import (
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// ledger serves functions and keeps account of every call of them. Each answer
// bears a mark, by which it is known again wherever it turns up.
//
//	echo     answers with its input
//	count    answers with its input's member n, one higher
//	flaky    fails at the first two attempts, then answers like echo
//	refuse   takes no input
//	hold     answers like echo, but leaves the first call for a work unanswered
type ledger struct {
	server *httptest.Server

	mu      sync.Mutex
	calls   []call
	settled map[string]time.Time // invocation ids whose answers were seen in a history, and since when
}

// call is one request of a function.
type call struct {
	invocation string
	of         work
	begun      time.Time
}

// work is what a call is for. Calls for the same work have one invocation id.
type work struct {
	execution, state, action string
	attempt                  int
	input                    string
}

var functionNames = []string{"echo", "count", "flaky", "refuse", "hold"}

func newLedger(t *testing.T) *ledger {
	l := &ledger{settled: map[string]time.Time{}}
	l.server = httptest.NewServer(l)
	t.Cleanup(l.server.Close)
	return l
}

// function returns the URN of a function.
func function(name string) string {
	return "urn:fss:" + region + ":" + project + ":function:default:" + name
}

// declarations returns the configuration that declares the functions.
func (l *ledger) declarations() string {
	var b strings.Builder
	b.WriteString("functions:\n")
	for _, name := range functionNames {
		fmt.Fprintf(&b, "  - urn: %s\n    url: %s/%s\n", function(name), l.server.URL, name)
	}
	return b.String()
}

func (l *ledger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	input, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller was killed while it wrote
	}
	c := call{invocation: r.Header.Get("X-Heddle-Invocation-Id"), begun: time.Now()}
	c.of.execution, _ = url.PathUnescape(r.Header.Get("X-Heddle-Execution"))
	c.of.state, c.of.action = r.Header.Get("X-Heddle-State"), r.Header.Get("X-Heddle-Action")
	c.of.attempt, _ = strconv.Atoi(r.Header.Get("X-Heddle-Attempt"))
	c.of.input = string(input)
	mark, first := l.enter(c)
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "hold" && first {
		<-r.Context().Done()
		return
	}
	pause(r.Context(), duration(mark))
	status, body := respond(name, c.of, mark)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	io.WriteString(w, body)
}

// enter enters a call, and returns its mark and whether it is the first one
// for its work.
func (l *ledger) enter(c call) (mark string, first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	first = !slices.ContainsFunc(l.calls, func(other call) bool { return other.of == c.of })
	l.calls = append(l.calls, c)
	return fmt.Sprintf("call=%d;", len(l.calls)-1), first
}

// of returns the calls of an action so far.
func (l *ledger) of(execution, action string) []call {
	l.mu.Lock()
	defer l.mu.Unlock()
	var calls []call
	for _, c := range l.calls {
		if c.of.execution == execution && c.of.action == action {
			calls = append(calls, c)
		}
	}
	return calls
}

// duration says how long a call takes: most are quick, and some last long
// enough to be under way when the server is killed.
func duration(mark string) time.Duration {
	sum := fnv.New32()
	io.WriteString(sum, mark)
	n := time.Duration(sum.Sum32())
	if n%8 == 0 {
		return n % 600 * time.Millisecond
	}
	return n % 20 * time.Millisecond
}

func respond(function string, of work, mark string) (status int, body string) {
	switch {
	case function == "refuse":
		return http.StatusBadRequest, mark
	case function == "flaky" && of.attempt == 1:
		return http.StatusInternalServerError, mark
	case function == "flaky" && of.attempt == 2:
		return http.StatusTooManyRequests, mark
	case function == "count":
		n, _ := strconv.Atoi(memberN.FindStringSubmatch(of.input)[1])
		return http.StatusOK, fmt.Sprintf(`{"mark":%q,"n":%d}`, mark, n+1)
	}
	return http.StatusOK, fmt.Sprintf(`{"mark":%q,"in":%s}`, mark, of.input)
}

var (
	memberN = regexp.MustCompile(`"n":(\d+)`)
	marks   = regexp.MustCompile(`call=(\d+);`)
)

// answered returns the call whose answer an Action End shows.
func (l *ledger) answered(end record) (call, bool) {
	mark := marks.FindStringSubmatch(end.Output)
	if mark == nil {
		return call{}, false
	}
	n, _ := strconv.Atoi(mark[1])
	l.mu.Lock()
	defer l.mu.Unlock()
	if n >= len(l.calls) {
		return call{}, false
	}
	return l.calls[n], true
}

// settle notes which answers stand in a history that was just read: they must
// never be asked for again.
func (l *ledger) settle(history []record) {
	now := time.Now()
	for _, r := range history {
		if r.Type != "Action End" {
			continue
		}
		c, ok := l.answered(r)
		if !ok {
			continue
		}
		l.mu.Lock()
		if _, before := l.settled[c.invocation]; !before {
			l.settled[c.invocation] = now
		}
		l.mu.Unlock()
	}
}

// audit reports what is wrong with the calls as a whole.
func (l *ledger) audit(t *testing.T) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	invocations := map[work]string{}
	works := map[string]work{}
	repeated := 0
	for n, c := range l.calls {
		if since, ok := l.settled[c.invocation]; ok && c.begun.After(since) {
			t.Errorf("call %d, %+v, was made after its answer stood in the history", n, c)
		}
		if id, known := invocations[c.of]; !known {
			invocations[c.of] = c.invocation
		} else if id != c.invocation {
			t.Errorf("call %d, %+v, was made before as the invocation %q", n, c, id)
		} else {
			repeated++
		}
		if of, known := works[c.invocation]; known && of != c.of {
			t.Errorf("call %d, %+v, has the invocation id of %+v", n, c, of)
		}
		works[c.invocation] = c.of
		if c.invocation == "" || c.of.execution == "" || c.of.attempt == 0 {
			t.Errorf("call %d, %+v, does not say what it is for", n, c)
		}
	}
	t.Logf("the functions were called %d times, %d of them again", len(l.calls), repeated)
}
