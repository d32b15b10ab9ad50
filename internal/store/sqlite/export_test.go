package sqlite

import "heddle/internal/store/block"

// SmallBlocks makes a block full with so many executions.
func (s *Store) SmallBlocks(size int64) *Store {
	s.keeper = block.NewKeeper(blocks{s}, size, s.log)
	return s
}
