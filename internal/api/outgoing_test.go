package api_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// longHistory is a handler that has an execution with a history of many
// megabytes, and the target that shows it.
func longHistory() (h http.Handler, target string) {
	payload := `"` + strings.Repeat("x", 100_000) + `"`
	records := []journal.Record{journal.ExecutionStarted{At: 1, Name: "x", Input: payload}}
	for range 50 {
		records = append(records,
			journal.StateEntered{At: 1, State: "s", Input: payload},
			journal.StateExited{At: 1, State: "s", Status: journal.Success, Output: payload})
	}
	rows := [][]byte{encode(records...)}
	h = faked(fakeEngine{}, fakeStore{
		graph: func(string) (store.Graph, error) { return store.Graph{Name: "g"}, nil },
		load:  func(store.Key) (store.Head, [][]byte, error) { return store.Head{Name: "x"}, rows, nil },
	})
	return h, graphs + "/executions/urn:fgs:" + region + ":" + project + ":execution:g:x:ae0d3e648af440af5828696f16f0d1b4/history?limit=1000"
}

// pieces notes the longest piece that is written, and takes a limited number.
type pieces struct {
	*httptest.ResponseRecorder
	longest int
	left    int
}

func (p *pieces) Write(piece []byte) (int, error) {
	if p.left--; p.left < 0 {
		return 0, errors.New("the caller is gone")
	}
	p.longest = max(p.longest, len(piece))
	return p.ResponseRecorder.Write(piece)
}

func TestALongAnswerIsNotHeld(t *testing.T) {
	t.Parallel()
	h, target := longHistory()
	w := &pieces{ResponseRecorder: httptest.NewRecorder(), left: 1 << 20}
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
	var answer struct {
		Records []struct{} `json:"state_history"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK || len(answer.Records) != 101 {
		t.Errorf("got %d with %d records, %v; want 200 with 101", w.Code, len(answer.Records), err)
	}
	if length := w.Header().Get("Content-Length"); length != "" || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("the header is %v", w.Header())
	}
	if w.longest > 1<<20 {
		t.Errorf("%d of %d bytes were held", w.longest, w.Body.Len())
	}
}

// A caller who gets half of an answer must not take it for the whole.
func TestALongAnswerThatBreaksOffEndsTheConnection(t *testing.T) {
	t.Parallel()
	h, target := longHistory()
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("the handler ended with %v, want http.ErrAbortHandler", p)
		}
	}()
	h.ServeHTTP(&pieces{ResponseRecorder: httptest.NewRecorder(), left: 3}, httptest.NewRequest(http.MethodGet, target, nil))
}
