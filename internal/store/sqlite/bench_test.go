package sqlite_test

import (
	"log/slog"
	"testing"

	"heddle/internal/store"
	"heddle/internal/store/sqlite"
	"heddle/internal/store/storetest"
)

func BenchmarkCommit(b *testing.B) { storetest.BenchmarkCommit(b, openEmpty) }

func BenchmarkList(b *testing.B) { storetest.BenchmarkList(b, openEmpty) }

func openEmpty(b *testing.B) store.Store {
	b.Helper()
	st, err := sqlite.Open(b.Context(), sqlite.Config{Dir: b.TempDir()}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	return st
}
