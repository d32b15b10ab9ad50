package postgres

import (
	"context"

	"heddle/internal/store"
)

// KeepBlocks does what Run does about a graph's blocks.
func (s *Store) KeepBlocks(ctx context.Context, graph store.GraphID) error {
	return s.keeper.Keep(ctx, graph)
}
