package postgres_test

import (
	"log/slog"
	"testing"

	"heddle/internal/store"
	"heddle/internal/store/postgres"
	"heddle/internal/store/storetest"
)

func BenchmarkCommit(b *testing.B) { storetest.BenchmarkCommit(b, openEmpty) }

func BenchmarkList(b *testing.B) { storetest.BenchmarkList(b, openEmpty) }

func openEmpty(b *testing.B) store.Store {
	b.Helper()
	st, err := postgres.Open(b.Context(), newDatabase(b).config("node"), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	return st
}
