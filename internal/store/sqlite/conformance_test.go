package sqlite_test

import (
	"log/slog"
	"testing"

	"heddle/internal/store"
	"heddle/internal/store/sqlite"
	"heddle/internal/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, dir string) store.Store { return open(t, dir).SmallBlocks(100) })
}

// open opens the store in a directory.
func open(t *testing.T, dir string) *sqlite.Store {
	t.Helper()
	st, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return st
}
