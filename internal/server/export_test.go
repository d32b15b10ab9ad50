package server

import (
	"context"
	"time"

	"heddle/internal/store"
)

// RunOn is Run on a store of the test's.
func (s *Server) RunOn(ctx context.Context, st store.Store) error {
	defer s.listener.Close()
	return s.runOn(ctx, st)
}

// Hurry has clients keep the server waiting for no longer than a moment.
func (s *Server) Hurry(moment time.Duration) {
	s.times = times{header: moment, body: moment, call: s.times.call, answer: moment, idle: moment}
}
