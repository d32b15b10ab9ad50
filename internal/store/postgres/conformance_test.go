package postgres_test

import (
	"testing"

	"heddle/internal/store"
	"heddle/internal/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	reachable(t)
	var databases databases
	storetest.Run(t, func(t *testing.T, dir string) store.Store {
		return databases.at(t, dir).open(t, "node").SmallBlocks(100)
	})
}
