package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"heddle/internal/store"
)

// compareDue is the order of Wake and Key.
func compareDue(a, b store.Due) int {
	return cmp.Or(
		cmp.Compare(a.Wake, b.Wake),
		cmp.Compare(a.Graph, b.Graph),
		bytes.Compare(a.ID[:], b.ID[:]),
	)
}

// waiting returns the shard's executions that wake some day, in their order.
func (d *data) waiting(shard store.Shard) []store.Due {
	var all []store.Due
	for key, x := range d.executions {
		if x.shard == shard && x.head.Wake != store.Never && !d.graphs[key.Graph].deleted {
			all = append(all, store.Due{Key: key, Wake: x.head.Wake})
		}
	}
	slices.SortFunc(all, compareDue)
	return all
}

// Due returns executions that need attention.
func (s *Store) Due(ctx context.Context, shard store.Shard, until store.Wake, after *store.Due, limit int) ([]store.Due, error) {
	var due []store.Due
	err := s.read(ctx, "Due", func() error {
		for _, x := range s.waiting(shard) {
			if x.Wake <= until && len(due) < limit && (after == nil || compareDue(x, *after) > 0) {
				due = append(due, x)
			}
		}
		return nil
	})
	return due, err
}

// NextWake returns the smallest Wake above after.
func (s *Store) NextWake(ctx context.Context, shard store.Shard, after store.Wake) (store.Wake, error) {
	next := store.Never
	err := s.read(ctx, "NextWake", func() error {
		for _, x := range s.waiting(shard) {
			if x.Wake > after {
				next = x.Wake
				return nil
			}
		}
		return nil
	})
	return next, err
}
