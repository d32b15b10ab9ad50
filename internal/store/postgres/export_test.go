package postgres

import (
	"context"

	"heddle/internal/store"
	"heddle/internal/store/block"
)

// SmallBlocks makes a block full with so many executions.
func (s *Store) SmallBlocks(size int64) *Store {
	s.keeper = block.NewKeeper(blocks{s}, size, s.log)
	return s
}

// KeepBlocks does what Run does about a graph's blocks.
func (s *Store) KeepBlocks(ctx context.Context, graph store.GraphID) error {
	return s.keeper.Keep(ctx, graph)
}
