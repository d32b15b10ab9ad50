package storetest

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"testing"
	"time"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// BenchmarkCommit starts executions that end in their first turn; an operation
// is one of them. The names grow, or jump about.
func BenchmarkCommit(b *testing.B, open func(b *testing.B) store.Store) {
	for _, names := range []struct {
		kind   string
		number func(n int) int
	}{
		{"growing", func(n int) int { return n }},
		{"scattered", scattered},
	} {
		for _, group := range []int{1, 16, 64, 256} {
			b.Run(fmt.Sprintf("%s/group=%d", names.kind, group), func(b *testing.B) {
				r := newRunning(b, open(b))
				turns := make([]store.Turn, b.N)
				for n := range turns {
					turns[n] = r.ended(n, fmt.Sprintf("analysis-%07d", names.number(n)))
				}
				b.ReportAllocs()
				b.ResetTimer()
				r.commit(turns, group)
			})
		}
	}
}

func scattered(n int) int { return n * 7919 % 1_000_003 }

// BenchmarkList lists executions among a million. The names are scattered, and
// those of the first tenth have another prefix.
func BenchmarkList(b *testing.B, open func(b *testing.B) store.Store) {
	const many = 1_000_000
	r := newRunning(b, open(b))
	turns := make([]store.Turn, many)
	for n := range turns {
		prefix := "analysis"
		if n < many/10 {
			prefix = "old"
		}
		turns[n] = r.ended(n, fmt.Sprintf("%s-%07d", prefix, scattered(n)))
	}
	r.commit(turns, 250)
	middle := turns[many/2].Head.ID
	pages := []struct {
		name string
		page store.Page
	}{
		{"newest", store.Page{Limit: 10}},
		{"oldest", store.Page{Limit: 10, Ascending: true}},
		{"a thousand", store.Page{Offset: 1000, Limit: 1000}},
		{"far", store.Page{Offset: many / 2, Limit: 10}},
		{"after the middle", store.Page{Limit: 10, AfterExecution: &middle}},
	}
	for _, prefix := range []string{"", "a", "old-", "analysis-0", "analysis-05", "analysis-055555", "none"} {
		for _, p := range pages {
			b.Run(fmt.Sprintf("prefix=%s/%s", prefix, p.name), func(b *testing.B) {
				for b.Loop() {
					filter := store.ExecutionFilter{Graph: r.graph, NamePrefix: prefix}
					if _, _, err := r.store.ListExecutions(b.Context(), filter, p.page); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// running is a store with a lease and a graph, which does its own work until the
// benchmark ends.
type running struct {
	*testing.B
	store store.Store
	lease store.Lease
	graph store.GraphID
}

func newRunning(b *testing.B, st store.Store) *running {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	var keeping sync.WaitGroup
	keeping.Go(func() { _ = st.Run(ctx) })
	b.Cleanup(func() {
		cancel()
		keeping.Wait()
		if err := st.Close(); err != nil {
			b.Error(err)
		}
	})
	r := &running{B: b, store: st}
	var err error
	if r.lease, err = st.Acquire(b.Context(), 0, "node", time.Hour); err != nil {
		b.Fatal(err)
	}
	if r.graph, err = st.CreateGraph(b.Context(), store.Graph{Project: project, Name: "video"}, "text", store.References{}); err != nil {
		b.Fatal(err)
	}
	return r
}

// ended makes the only turn of execution n.
func (r *running) ended(n int, name string) store.Turn {
	var id store.ExecutionID
	binary.BigEndian.PutUint64(id[:], uint64(n))
	return store.Turn{
		Lease: r.lease,
		Head: store.Head{
			Key:       store.Key{Graph: r.graph, ID: id},
			Name:      name,
			Revision:  1,
			Seq:       10,
			Status:    journal.Success,
			StartedAt: 1502363174287,
			StoppedAt: 1502363174299,
			Wake:      store.Never,
		},
		Records: make([]byte, 300),
	}
}

// commit commits turns in groups.
func (r *running) commit(turns []store.Turn, group int) {
	for len(turns) > 0 {
		n := min(group, len(turns))
		if _, err := r.store.Commit(r.Context(), turns[:n]); err != nil {
			r.Fatal(err)
		}
		turns = turns[n:]
	}
}
