package server

import (
	"context"

	"heddle/internal/store"
)

// RunOn is Run on a store of the test's.
func (s *Server) RunOn(ctx context.Context, st store.Store) error {
	defer s.listener.Close()
	return s.runOn(ctx, st)
}
