package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"heddle/internal/store"
)

// wait replaces what an execution waits for, if its turn says so.
func (d *data) wait(x *execution, t *store.Turn) {
	if t.Waits == nil {
		return
	}
	waits := map[store.TriggerID]int64{}
	for _, w := range *t.Waits {
		since, there := x.waits[w.Trigger]
		switch {
		case w.Offered != 0:
			since = int64(w.Offered)
		case !there:
			since = int64(d.lastEvent)
		}
		waits[w.Trigger] = since
	}
	x.waits = waits
}

// compareWaiters is the order of Since and Key.
func compareWaiters(a, b store.Waiter) int {
	return cmp.Or(
		cmp.Compare(a.Since, b.Since),
		cmp.Compare(a.Graph, b.Graph),
		bytes.Compare(a.ID[:], b.ID[:]),
	)
}

// Waiters returns executions that wait for a trigger.
func (s *Store) Waiters(ctx context.Context, trigger store.TriggerID, after *store.Waiter, limit int) ([]store.Waiter, error) {
	var all []store.Waiter
	err := s.read(ctx, "Waiters", func() error {
		for key, x := range s.executions {
			since, waits := x.waits[trigger]
			w := store.Waiter{Key: key, Since: since}
			if waits && !s.graphs[key.Graph].deleted && (after == nil || compareWaiters(w, *after) > 0) {
				all = append(all, w)
			}
		}
		slices.SortFunc(all, compareWaiters)
		return nil
	})
	return all[:min(limit, len(all))], err
}
