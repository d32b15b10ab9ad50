package storetest

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// testListMany has so many executions that a store keeps counts of them, while
// some are added and removed, and its own work goes on.
func testListMany(f *fixture) {
	m := &many{fixture: f, Rand: rand.New(rand.NewPCG(3, 1)), graph: f.graph("video")}
	m.keep()
	defer func() { m.stop() }()
	const groups, group = 60, 64
	for n := range groups {
		m.start(group)
		switch {
		case n%20 == 14:
			m.expire()
		case n%20 == 9:
			m.stop()
			m.reopen()
			m.acquire()
			m.keep()
		case n%3 == 0:
			m.compare(2)
		}
	}
	m.compare(20)
	for range 2 {
		m.expire()
		m.compare(5)
	}
}

// many is a graph with many executions, and what they are.
type many struct {
	*fixture
	*rand.Rand
	graph store.GraphID
	all   []store.Head // in the order of ids
	last  int          // the greatest number of an id so far
	stop  func()       // ends the store's own work
}

// keep lets the store do its own work.
func (m *many) keep() {
	ctx, cancel := context.WithCancel(m.Context())
	var keeping sync.WaitGroup
	st := m.store
	keeping.Go(func() { _ = st.Run(ctx) })
	m.stop = func() {
		cancel()
		keeping.Wait()
	}
}

// names are ways in which people name executions: n is the number of one, r is
// by chance.
var names = []func(n, r int) string{
	func(n, r int) string { return fmt.Sprintf("run-%06d", n) },
	func(n, r int) string { return fmt.Sprintf("%08x", uint32(r)) },
	func(n, r int) string { return "nightly" },
	func(n, r int) string { return fmt.Sprintf("of-%d", r%3) },
	func(n, r int) string { return strings.Repeat("分", 1+r%5) + fmt.Sprint(r%100) },
	func(n, r int) string { return "run-" + strings.Repeat("x", 76) },
}

// start starts executions, most of them later than all before. Each tenth goes
// on, the others have ended.
func (m *many) start(n int) {
	var turns []store.Turn
	kind := names[m.IntN(len(names))]
	for i := range n {
		if m.IntN(4) == 0 {
			kind = names[m.IntN(len(names))]
		}
		m.last += 10
		number := m.last + m.IntN(9)
		if m.IntN(50) == 0 {
			number = m.IntN(m.last) // a clock that was set back
		}
		t := m.first(m.graph, number)
		t.Head.Name = kind(number, m.Int()>>1)
		t.Head.StartedAt = 1
		if i%10 > 0 {
			t.Head.Status, t.Head.StoppedAt, t.Head.Wake = journal.Success, journal.Millis(1+number), store.Never
		}
		turns = append(turns, t)
	}
	for i, o := range m.commit(turns...) {
		if o.Err == nil {
			m.all = append(m.all, turns[i].Head)
		}
	}
	slices.SortFunc(m.all, func(a, b store.Head) int { return bytes.Compare(a.ID[:], b.ID[:]) })
}

// expire removes most of what was started first and has ended.
func (m *many) expire() {
	before := journal.Millis(m.last * (1 + m.IntN(4)) / 6)
	for from := (*store.Key)(nil); ; {
		next, err := m.store.Expire(m.Context(), before, from, 100)
		m.no(err)
		if next == nil {
			break
		}
		from = next
	}
	m.all = slices.DeleteFunc(m.all, func(h store.Head) bool { return h.StoppedAt > 0 && h.StoppedAt < before })
}

// compare lists pages of some prefixes.
func (m *many) compare(times int) {
	m.Helper()
	for range times {
		prefix := m.prefix()
		var want []store.Head
		for _, h := range m.all {
			if strings.HasPrefix(h.Name, prefix) {
				want = append(want, h)
			}
		}
		count := len(want)
		page := store.Page{Limit: 1 + m.IntN(20), Ascending: m.IntN(2) == 0}
		if !page.Ascending {
			slices.Reverse(want)
		}
		from := 0
		if m.IntN(3) == 0 && count > 0 {
			from = m.IntN(count)
			page.AfterExecution = &want[from].ID
			from++
		} else {
			page.Offset = m.IntN(1 + count)
			from = page.Offset
		}
		want = want[from:min(from+page.Limit, count)]
		got, n, err := m.store.ListExecutions(m.Context(), store.ExecutionFilter{Graph: m.graph, NamePrefix: prefix}, page)
		m.no(err)
		if n != int64(count) || !slices.Equal(got, want) {
			m.Fatalf("prefix %q, page %+v: got %d of %d\n%v\nwant %d of %d\n%v", prefix, page, len(got), n, got, len(want), count, want)
		}
	}
}

// prefix returns a part of a name, or of none.
func (m *many) prefix() string {
	switch m.IntN(8) {
	case 0:
		return ""
	case 1:
		return "none"
	}
	letters := []rune(m.all[m.IntN(len(m.all))].Name)
	return string(letters[:1+m.IntN(len(letters))])
}
