package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"time"

	"heddle/internal/journal"
	"heddle/internal/store"
)

func testTurns(f *fixture) {
	graph := f.graph("video")
	first := f.first(graph, 7)
	first.Head.Name = "分析-执行 % _"
	first.Head.Test = true
	first.Head.Revision = 3
	first.Head.StartedAt = 1502363174287
	first.Head.Wake = 1502363184287
	f.stored(first)
	f.holds(first, "started 7")

	second := next(first, "second\x00with a zero")
	second.Head.Seq = 12
	third := next(second, "third")
	third.Head.Status = journal.Success
	third.Head.StoppedAt = 1502363174999
	third.Head.Wake = store.Never
	f.stored(second)
	f.holds(second, "started 7", "second\x00with a zero")
	f.stored(third)
	f.holds(third, "started 7", "second\x00with a zero", "third")

	f.absent(store.Key{Graph: graph, ID: id(8)})
	f.absent(store.Key{Graph: graph + 1, ID: id(7)})
}

func testHeadKeeps(f *fixture) {
	first := f.first(f.graph("video"), 1)
	f.stored(first)
	second := next(first, "second")
	second.Head.Status = journal.Failed
	second.Head.StoppedAt = 9
	second.Head.Wake = store.Never
	want := second
	second.Head.Name = "another"
	second.Head.Test = true
	second.Head.Revision = 2
	second.Head.StartedAt = 8
	f.stored(second)
	f.holds(want, "started 1", "second")
}

func testRefusals(f *fixture) {
	graph := f.graph("video")
	first := f.first(graph, 1)
	f.stored(first)
	former := f.lease
	f.acquire()
	first.Lease = f.lease

	change := func(change func(*store.Turn)) store.Turn {
		t := next(first, "refused")
		change(&t)
		return t
	}
	none := errors.New("any")
	for name, test := range map[string]struct {
		turn store.Turn
		want error
	}{
		"created twice":       {first, store.ErrStale},
		"behind":              {change(func(t *store.Turn) { t.After, t.Head.Seq = 0, 1 }), store.ErrStale},
		"ahead":               {change(func(t *store.Turn) { t.After, t.Head.Seq = 2, 3 }), store.ErrStale},
		"no execution":        {change(func(t *store.Turn) { t.Head.ID = id(2) }), store.ErrNotFound},
		"no graph":            {change(func(t *store.Turn) { t.Head.Graph++ }), store.ErrNotFound},
		"create in no graph":  {change(func(t *store.Turn) { t.Head.Graph++; t.After = 0 }), store.ErrNotFound},
		"former epoch":        {change(func(t *store.Turn) { t.Lease = former }), store.ErrFenced},
		"epoch to come":       {change(func(t *store.Turn) { t.Lease.Epoch++ }), store.ErrFenced},
		"no lease":            {change(func(t *store.Turn) { t.Lease = store.Lease{} }), store.ErrFenced},
		"no shard":            {change(func(t *store.Turn) { t.Lease.Shard = 1 << 20 }), store.ErrFenced},
		"fenced and no graph": {change(func(t *store.Turn) { t.Lease = former; t.Head.Graph++ }), store.ErrFenced},
		"fenced and stale":    {change(func(t *store.Turn) { t.Lease = former; t.After = 0 }), store.ErrFenced},
		"no records":          {change(func(t *store.Turn) { t.Records = nil }), none},
		"no numbers":          {change(func(t *store.Turn) { t.Head.Seq = t.After }), none},
		"wakes at -2":         {change(func(t *store.Turn) { t.Head.Wake = -2 }), none},
		"key after the first": {change(func(t *store.Turn) { t.Key = &store.IdempotencyKey{} }), none},
		"a zero in the name":  {change(func(t *store.Turn) { t.Head.Name = "a\x00b" }), none},
		"a key that is not UTF-8": {change(func(t *store.Turn) {
			t.Head.ID, t.After, t.Head.Seq = id(2), 0, 1
			t.Key = &store.IdempotencyKey{Text: "\xff"}
		}), none},
	} {
		got := f.commit(test.turn)[0].Err
		if got == nil || test.want != none && !errors.Is(got, test.want) {
			f.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
	f.holds(first, "started 1")
	if g, err := f.store.GraphByID(f.Context(), graph); err != nil || g.Executions != 1 {
		f.Errorf("%d executions, %v", g.Executions, err)
	}
}

func testRefusalsAreAlone(f *fixture) {
	graph, gone := f.graph("video"), f.graph("gone")
	f.no(f.store.DeleteGraph(f.Context(), gone, 1))
	one := f.first(graph, 1)
	f.stored(one)

	fenced := f.first(graph, 4)
	fenced.Lease.Epoch++
	two, three := f.first(graph, 2), f.first(graph, 3)
	outcomes := f.commit(two, next(three, "never created"), fenced, one, f.first(gone, 5), next(one, "second"), three)
	for i, want := range []error{nil, store.ErrNotFound, store.ErrFenced, store.ErrStale, store.ErrNotFound, nil, nil} {
		f.want(outcomes[i].Err, want)
	}
	f.holds(two, "started 2")
	f.holds(three, "started 3")
	f.holds(next(one, "second"), "started 1", "second")
	f.absent(fenced.Head.Key)
	if g, err := f.store.GraphByID(f.Context(), graph); err != nil || g.Executions != 3 {
		f.Errorf("%d executions, %v", g.Executions, err)
	}
}

func testCommitNothing(f *fixture) { f.commit() }

func testSameID(f *fixture) {
	a, b := f.first(f.graph("a"), 1), f.first(f.graph("b"), 1)
	b.Records = []byte("of b")
	f.stored(a, b)
	f.holds(a, "started 1")
	f.holds(b, "of b")
}

func testLargeRecords(f *fixture) {
	first := f.first(f.graph("video"), 1)
	first.Records = bytes.Repeat([]byte("0123456789abcdef"), 1<<18)
	second := next(first, "")
	second.Records = bytes.Repeat([]byte{0xff}, 1<<20)
	f.stored(first, second)
	_, records, err := f.store.Load(f.Context(), first.Head.Key)
	f.no(err)
	if len(records) != 2 || !bytes.Equal(records[0], first.Records) || !bytes.Equal(records[1], second.Records) {
		f.Errorf("%d rows of records differ", len(records))
	}
}

func testRecordsCopied(f *fixture) {
	first := f.first(f.graph("video"), 1)
	f.stored(first)
	copy(first.Records, "XXXXXXX")
	f.holds(first, "started 1")
}

func testRace(f *fixture) {
	first := f.first(f.graph("video"), 1)
	f.stored(first)
	const writers = 8
	var wg sync.WaitGroup
	var won [writers]int
	for w := range writers {
		wg.Go(func() {
			last := first
			for range 10 {
				turn := next(last, fmt.Sprint(w))
				outcomes, err := f.store.Commit(f.Context(), []store.Turn{turn})
				switch {
				case err != nil:
					f.Error(err)
				case outcomes[0].Err == nil:
					won[w]++
				case !errors.Is(outcomes[0].Err, store.ErrStale):
					f.Error(outcomes[0].Err)
				}
				last = turn
			}
		})
	}
	wg.Wait()
	total := 0
	for _, n := range won {
		total += n
	}
	head, records, err := f.store.Load(f.Context(), first.Head.Key)
	f.no(err)
	if total != 10 || head.Seq != 11 || len(records) != 11 {
		f.Errorf("%d turns won, seq %d, %d rows", total, head.Seq, len(records))
	}
}

func testCount(f *fixture) {
	graphs := []store.GraphID{f.graph("a"), f.graph("b")}
	const writers, commits = 4, 10
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range commits {
				n := w*commits + i
				turns := []store.Turn{f.first(graphs[0], n), f.first(graphs[1], n), f.first(graphs[0], 1000+n), f.first(graphs[0], n)}
				if _, err := f.store.Commit(f.Context(), turns); err != nil {
					f.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for i, want := range []int64{2 * writers * commits, writers * commits} {
		g, err := f.store.GraphByID(f.Context(), graphs[i])
		f.no(err)
		_, n, err := f.store.ListExecutions(f.Context(), store.ExecutionFilter{Graph: graphs[i]}, store.Page{})
		f.no(err)
		heads, _, err := f.store.ListExecutions(f.Context(), store.ExecutionFilter{Graph: graphs[i]}, store.Page{Limit: 1000})
		f.no(err)
		if g.Executions != want || n != want || int64(len(heads)) != want {
			f.Errorf("graph counts %d, list counts %d, has %d; want %d", g.Executions, n, len(heads), want)
		}
	}
}

func testReadYourWrites(f *fixture) {
	graph := f.graph("video")
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 25 {
				turn := f.first(graph, w*100+i)
				if _, err := f.store.Commit(f.Context(), []store.Turn{turn}); err != nil {
					f.Error(err)
				}
				if _, _, err := f.store.Load(f.Context(), turn.Head.Key); err != nil {
					f.Errorf("load what was committed: %v", err)
				}
			}
		})
	}
	wg.Wait()
}

func testReopen(f *fixture) {
	graph := f.graph("video")
	first := f.first(graph, 1)
	first.Head.Wake = 77
	f.stored(first)
	second := next(first, "second")
	second.Head.Wake = 88
	f.stored(second)
	f.reopen()

	f.holds(second, "started 1", "second")
	if due, err := f.store.Due(f.Context(), 0, 88, nil, 10); err != nil || len(due) != 1 || due[0].Wake != 88 {
		f.Errorf("due %v, %v", due, err)
	}
	if g, err := f.store.GraphByName(f.Context(), project, "video"); err != nil || g.ID != graph || g.Executions != 1 {
		f.Errorf("graph %+v, %v", g, err)
	}
	// The lease is still there, and its node takes it again.
	f.stored(next(second, "third"))
	_, err := f.store.Acquire(f.Context(), 0, "another", time.Hour)
	f.want(err, store.ErrExists)
	f.acquire()
	f.want(f.commit(next(second, "third"))[0].Err, store.ErrFenced)
}
