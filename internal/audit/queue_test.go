package audit_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/audit"
)

// slow is a store whose transactions take a second, and of which the ones that are
// named fail.
type slow struct {
	shelf
	batches []int // how many entries each transaction had; owned by the one who makes one
	fails   int   // the number of one that fails, from 1
}

func (s *slow) Audit(ctx context.Context, entries []audit.Entry) ([]audit.Record, error) {
	s.batches = append(s.batches, len(entries))
	time.Sleep(time.Second)
	if len(s.batches) == s.fails {
		return nil, errors.New("the disk is full")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.shelf.Audit(ctx, entries)
}

// Entries that come while others are on their way share the next transaction, up to
// a bound, and each caller gets the record of its own.
func TestEntriesShareTransactions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(slow)
		log := audit.NewLog(s, nil)
		var callers sync.WaitGroup
		begin := func(n int) {
			callers.Go(func() {
				name := fmt.Sprint(n)
				deed, err := log.Begin(t.Context(), audit.Entry{Request: name})
				if err != nil {
					t.Error(err)
					return
				}
				deed.End(t.Context(), audit.Result{Status: 200})
			})
			synctest.Wait()
		}
		begin(0)
		for n := range 300 {
			begin(1 + n)
		}
		callers.Wait()
		if got := fmt.Sprint(s.batches[:2]); got != "[1 256]" {
			t.Errorf("the transactions had %v entries, want 1 and 256 in the first", s.batches)
		}
		if len(s.batches) > 6 {
			t.Errorf("there were %d transactions: %v", len(s.batches), s.batches)
		}
		asked := map[int64]string{}
		for _, r := range s.log() {
			if r.Stage == audit.Asked {
				asked[r.Number] = r.Request
			} else if asked[r.Of] != r.Request {
				t.Errorf("the end of %s says it is that of %s", r.Request, asked[r.Of])
			}
		}
		if len(s.log()) != 2*301 || len(asked) != 301 {
			t.Errorf("got %d records, %d of them asked", len(s.log()), len(asked))
		}
	})
}

// A transaction that fails fails for all who went with it, and for nobody else. Who
// is gone before it is not entered; who goes meanwhile takes nobody along.
func TestFailedTransaction(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slow{fails: 2}
		log := audit.NewLog(s, nil)
		errs := make([]error, 5)
		var callers sync.WaitGroup
		first, leave := context.WithCancel(t.Context())
		enter := func(n int, ctx context.Context) {
			callers.Go(func() { errs[n] = log.Enter(ctx, audit.Entry{Request: fmt.Sprint(n)}) })
			synctest.Wait()
		}
		enter(0, first)
		leave()
		enter(1, t.Context())
		enter(2, t.Context())
		enter(3, first)
		callers.Wait()
		enter(4, t.Context())
		callers.Wait()
		if errs[0] != nil || errs[1] == nil || errs[2] == nil || !errors.Is(errs[3], context.Canceled) || errs[4] != nil {
			t.Errorf("got %v", errs)
		}
		if len(s.log()) != 2 || s.log()[1].Request != "4" {
			t.Errorf("got %+v", s.log())
		}
	})
}
