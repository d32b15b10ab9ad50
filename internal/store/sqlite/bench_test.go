package sqlite_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"heddle/internal/journal"
	"heddle/internal/store"
	"heddle/internal/store/sqlite"
)

// BenchmarkCommit starts executions that end in their first turn; an operation
// is one of them. The names grow, or jump about in their index.
func BenchmarkCommit(b *testing.B) {
	for _, names := range []struct {
		kind   string
		number func(n int) int
	}{
		{"growing", func(n int) int { return n }},
		{"scattered", func(n int) int { return n * 7919 % 1_000_003 }},
	} {
		for _, group := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("%s/group=%d", names.kind, group), func(b *testing.B) {
				st := running(b)
				lease, err := st.Acquire(b.Context(), 0, "node", time.Hour)
				if err != nil {
					b.Fatal(err)
				}
				graph, err := st.CreateGraph(b.Context(), video, "text", noReferences)
				if err != nil {
					b.Fatal(err)
				}
				turns := make([]store.Turn, b.N)
				for n := range turns {
					turns[n] = ended(lease, graph, n, names.number(n))
				}
				b.ReportAllocs()
				b.ResetTimer()
				for len(turns) > 0 {
					n := min(group, len(turns))
					if _, err := st.Commit(b.Context(), turns[:n]); err != nil {
						b.Fatal(err)
					}
					turns = turns[n:]
				}
			})
		}
	}
}

// running opens an empty store that does its own work until the benchmark ends.
func running(b *testing.B) *sqlite.Store {
	b.Helper()
	st, err := sqlite.Open(b.Context(), sqlite.Config{Dir: b.TempDir()}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
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
	return st
}

// ended makes the only turn of execution n.
func ended(lease store.Lease, graph store.GraphID, n, name int) store.Turn {
	var id store.ExecutionID
	binary.BigEndian.PutUint64(id[:], uint64(n))
	return store.Turn{
		Lease: lease,
		Head: store.Head{
			Key:       store.Key{Graph: graph, ID: id},
			Name:      fmt.Sprintf("analysis-%07d", name),
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

// BenchmarkList lists executions among a million. The names are scattered, and
// those of the first tenth have another prefix.
func BenchmarkList(b *testing.B) {
	const many, group = 1_000_000, 250
	st := running(b)
	lease, err := st.Acquire(b.Context(), 0, "node", time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	graph, err := st.CreateGraph(b.Context(), store.Graph{Project: "p", Name: "video"}, "text", store.References{})
	if err != nil {
		b.Fatal(err)
	}
	turns := make([]store.Turn, group)
	for n := range many {
		t := ended(lease, graph, n, n*7919%1_000_003)
		if n < many/10 {
			t.Head.Name = "old-" + t.Head.Name
		}
		if turns[n%group] = t; n%group == group-1 {
			if _, err := st.Commit(b.Context(), turns); err != nil {
				b.Fatal(err)
			}
		}
	}
	middle := ended(lease, graph, many/2, 0).Head.ID
	for _, prefix := range []string{"", "a", "old-", "analysis-0", "analysis-05", "analysis-055555", "none"} {
		for name, page := range map[string]store.Page{
			"newest":       {Limit: 10},
			"oldest":       {Limit: 10, Ascending: true},
			"a thousand":   {Offset: 1000, Limit: 1000},
			"far":          {Offset: many / 2, Limit: 10},
			"after cursor": {Limit: 10, AfterExecution: &middle},
		} {
			b.Run(fmt.Sprintf("prefix=%s/%s", prefix, name), func(b *testing.B) {
				for b.Loop() {
					if _, _, err := st.ListExecutions(b.Context(), store.ExecutionFilter{Graph: graph, NamePrefix: prefix}, page); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
