package postgres_test

import (
	"encoding/binary"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"heddle/internal/journal"
	"heddle/internal/store"
	"heddle/internal/store/postgres"
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
		for _, group := range []int{1, 16, 64, 256} {
			b.Run(fmt.Sprintf("%s/group=%d", names.kind, group), func(b *testing.B) {
				st, err := postgres.Open(b.Context(), newDatabase(b).config("node"), slog.New(slog.DiscardHandler))
				if err != nil {
					b.Fatal(err)
				}
				defer st.Close()
				lease, err := st.Acquire(b.Context(), 0, "node", time.Hour)
				if err != nil {
					b.Fatal(err)
				}
				graph, err := st.CreateGraph(b.Context(), store.Graph{Project: "p", Name: "video"}, "text", store.References{})
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
