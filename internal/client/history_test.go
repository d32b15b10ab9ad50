package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/client"
)

// growing serves a history that grows by one record each interval, from one at
// the start of the bubble to total, and holds calls as the server does.
type growing struct {
	began    time.Time
	interval time.Duration
	total    int
	calls    int
}

func (g *growing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.calls++
	q := r.URL.Query()
	after, _ := strconv.Atoi(q.Get("marker"))
	limit, _ := strconv.Atoi(q.Get("limit"))
	wait, _ := strconv.Atoi(r.Header.Get("X-Heddle-Wait-Seconds"))
	for until := time.Now().Add(time.Duration(wait) * time.Second); g.written() <= after && time.Now().Before(until); {
		time.Sleep(100 * time.Millisecond)
	}
	written := g.written()
	records := []client.Record{}
	for i := after + 1; i <= min(written, after+limit); i++ {
		record := client.Record{Type: client.RecordStateStart, StateName: strconv.Itoa(i)}
		if i == g.total {
			record.Type = client.RecordExecutionEnd
		}
		records = append(records, record)
	}
	json.NewEncoder(w).Encode(map[string]any{"count": written, "state_history": records})
}

func (g *growing) written() int {
	return min(g.total, 1+int(time.Since(g.began)/g.interval))
}

func TestFollow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := &growing{began: time.Now(), interval: 30 * time.Second, total: 4}
		c := newClientInProcess(t, g.ServeHTTP)
		seen := 0
		for record, err := range c.Follow(t.Context(), executionURN) {
			if err != nil {
				t.Fatal(err)
			}
			seen++
			if got := record.StateName; got != strconv.Itoa(seen) {
				t.Errorf("record %d came as the %d.", seen, seen)
			}
			if late := time.Since(g.began.Add(time.Duration(seen-1) * g.interval)); late > time.Second {
				t.Errorf("record %d came %v late", seen, late)
			}
		}
		if seen != g.total {
			t.Errorf("got %d records, want %d", seen, g.total)
		}
		if g.calls > 2*g.total {
			t.Errorf("%d calls for %d records", g.calls, g.total)
		}
	})
}

func TestFollowEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		g := &growing{began: time.Now(), interval: time.Hour, total: 2}
		var last error
		for _, err := range newClientInProcess(t, g.ServeHTTP).Follow(ctx, executionURN) {
			last = err
		}
		if !errors.Is(last, context.DeadlineExceeded) {
			t.Errorf("it ended with %v, want the error of its context", last)
		}
	})
}

func TestRecords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		total      int
		written    int
		wantCalls  int
		wantAsking string // the last query
	}{
		{"an execution that runs", 10, 5, 1, "limit=1000&order=asc"},
		{"an ended execution", 5, 5, 1, "limit=1000&order=asc"},
		{"more than a page", 3000, 2500, 3, "limit=1000&marker=2000&order=asc"},
		{"exactly a page", 3000, 1000, 1, "limit=1000&order=asc"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := &growing{began: time.Now().Add(-time.Duration(test.written-1) * time.Hour), interval: time.Hour, total: test.total}
				asked := ""
				c := newClientInProcess(t, func(w http.ResponseWriter, r *http.Request) {
					asked = r.URL.RawQuery
					g.ServeHTTP(w, r)
				})
				seen := 0
				for _, err := range c.Records(t.Context(), executionURN) {
					if err != nil {
						t.Fatal(err)
					}
					seen++
				}
				if seen != test.written || g.calls != test.wantCalls || asked != test.wantAsking {
					t.Errorf("got %d records in %d calls, the last ?%s; want %d in %d, ?%s",
						seen, g.calls, asked, test.written, test.wantCalls, test.wantAsking)
				}
			})
		})
	}
}

func TestRecordsOfDocumentedSample(t *testing.T) {
	t.Parallel()
	a := &answer{body: `{"count":2,"state_history":[
		{"type":"Execution Start","input":"[1]","execution_name":"x","started_at":"2017-11-13T07:14:04.863Z"},
		{"type":"Execution End","status":"SUCCESS","output":"[1]","stopped_at":"2017-11-13T07:16:05.106Z"}]}`}
	var got []client.Record
	for record, err := range newClient(t, a).Follow(t.Context(), executionURN) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, record)
	}
	if len(got) != 2 || got[0].At() != "2017-11-13T07:14:04.863Z" || got[1].At() != "2017-11-13T07:16:05.106Z" || *got[1].Output != "[1]" {
		t.Errorf("got %+v", got)
	}
}
