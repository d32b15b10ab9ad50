package memory_test

import (
	"sync"
	"testing"

	"heddle/internal/store"
	"heddle/internal/store/memory"
	"heddle/internal/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	var stores sync.Map // of the last one opened, by directory
	storetest.Run(t, func(t *testing.T, dir string) store.Store {
		st := memory.New(1)
		if last, ok := stores.Load(dir); ok {
			st = last.(*memory.Store).Clone()
		}
		stores.Store(dir, st)
		return st
	})
}
