package audit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/audit"
)

// shelf keeps a log in memory, and fails on demand.
type shelf struct {
	mu      sync.Mutex
	records []audit.Record // guarded by mu
	fault   error          // guarded by mu
}

func (s *shelf) Audit(_ context.Context, entries []audit.Entry) ([]audit.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault != nil {
		return nil, s.fault
	}
	var tip audit.Tip
	if n := len(s.records); n > 0 {
		tip = s.records[n-1].Tip()
	}
	records := tip.Append(entries)
	s.records = append(s.records, records...)
	return records, nil
}

// fail has every entry fail, until it is called with nil.
func (s *shelf) fail(fault error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

// log returns what there is.
func (s *shelf) log() []audit.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.records)
}

// take returns what there is, and leaves nothing.
func (s *shelf) take() (entries []audit.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.records {
		entries = append(entries, r.Entry)
	}
	s.records = nil
	return entries
}

func newLog() (*audit.Log, *shelf) {
	s := new(shelf)
	return audit.NewLog(s, slog.New(slog.DiscardHandler)), s
}

// A deed is entered before it is done, and after.
func TestDeed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, s := newLog()
		deed, err := log.Begin(t.Context(), audit.Entry{Action: "graph.create", User: "gra\x00ce\xff", Object: "/graphs"})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		ended, cancel := context.WithCancel(t.Context())
		cancel() // the caller has gone, and the deed is done all the same
		deed.End(ended, audit.Result{Object: "urn", Detail: "a=b", Status: 409, Code: "FGS.1005"})
		got := s.take()
		at := got[0].At
		want := []audit.Entry{
			{At: at, Stage: audit.Asked, Action: "graph.create", User: "grace", Object: "/graphs"},
			{At: at + 1000, Stage: audit.Done, Of: 1, Action: "graph.create", User: "grace", Object: "urn", Detail: "a=b", Status: 409, Code: "FGS.1005"},
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

// Texts are bounded, those of callers who are not let in more narrowly, and what
// was cut off shows.
func TestTextsAreBounded(t *testing.T) {
	t.Parallel()
	log, s := newLog()
	long := strings.Repeat("ü", 1000)
	deed, err := log.Begin(t.Context(), audit.Entry{Object: long, Action: long[:1024]})
	if err != nil {
		t.Fatal(err)
	}
	deed.End(t.Context(), audit.Result{Object: long})
	log.Refuse(t.Context(), "", audit.Entry{User: long, Object: long[:128]})
	entries := s.take()
	asked, done, refused := entries[0], entries[1], entries[2]
	for what, c := range map[string][2]string{
		"asked":             {asked.Object, long[:1020] + "…"},
		"the longest":       {asked.Action, long[:1024]},
		"done":              {done.Object, long[:1020] + "…"},
		"refused":           {refused.User, long[:124] + "…"},
		"the longest of it": {refused.Object, long[:128]},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: got %d bytes %q, want %d", what, len(c[0]), c[0], len(c[1]))
		}
	}
}

func TestUnenteredDeed(t *testing.T) {
	t.Parallel()
	log, s := newLog()
	fault := errors.New("the disk is full")
	s.fail(fault)
	if deed, err := log.Begin(t.Context(), audit.Entry{}); deed != nil || !errors.Is(err, fault) {
		t.Errorf("it may be done: %v, %v", deed, err)
	}
	if err := log.Enter(t.Context(), audit.Entry{}); !errors.Is(err, fault) {
		t.Errorf("it may be told: %v", err)
	}
}

// Refusals are entered up to a bound, for each sender and in all; of the others
// it is entered how many they were.
func TestRefusalsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, s := newLog()
		ctx, cancel := context.WithCancel(t.Context())
		go log.Run(ctx)
		refuse := func(sender string, times int) {
			for range times {
				log.Refuse(ctx, sender, audit.Entry{Address: sender})
			}
		}
		took := func() string {
			synctest.Wait()
			var lines []string
			counts := map[string]int{}
			for _, e := range s.take() {
				if e.Left > 0 || e.Address == "" {
					lines = append(lines, fmt.Sprintf("%s left %d", e.Address, e.Left))
				}
				counts[e.Address]++
			}
			return fmt.Sprint(counts["one"], " ", counts["other"], " ", len(lines), " ", strings.Join(lines, ";"))
		}
		refuse("one", 12)
		refuse("other", 3)
		if got, want := took(), "10 3 1 other left 2"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		refuse("other", 30)
		for n := range 1000 {
			refuse(fmt.Sprint("sender ", n), 1)
		}
		if n := len(s.take()); n != 60-13 {
			t.Errorf("%d more were entered, want 47", n)
		}
		time.Sleep(time.Minute)
		if got, want := took(), "0 0 1  left 960"; got != want {
			t.Errorf("after a minute: got %q, want %q", got, want)
		}
		time.Sleep(time.Minute)
		refuse("one", 11)
		s.fail(errors.New("the disk is full"))
		time.Sleep(time.Minute)
		s.fail(nil)
		cancel()
		if got, want := took(), "10 0 1  left 1"; got != want {
			t.Errorf("at the end: got %q, want %q", got, want)
		}
	})
}
