package memory

import (
	"context"
	"time"

	"heddle/internal/store"
)

// current reports whether a lease is the current one of its shard.
func (d *data) current(l store.Lease) bool {
	last, ok := d.leases[l.Shard]
	return ok && last.epoch == l.Epoch && !last.released
}

// Shards returns how many shards there are.
func (s *Store) Shards() int { return s.shards }

// Acquire takes a shard for a node.
func (s *Store) Acquire(ctx context.Context, shard store.Shard, node string, ttl time.Duration) (store.Lease, error) {
	var taken store.Lease
	err := s.write(ctx, "Acquire", func() error {
		if shard < 0 || int(shard) >= s.shards {
			return store.ErrNotFound
		}
		now := time.Now()
		last, ok := s.leases[shard]
		if ok && last.node != node && !last.released && now.Before(last.expires) {
			return store.ErrExists
		}
		s.leases[shard] = lease{node: node, epoch: last.epoch + 1, expires: now.Add(ttl)}
		taken = store.Lease{Shard: shard, Epoch: last.epoch + 1}
		return nil
	})
	return taken, err
}

// Renew makes a lease last longer.
func (s *Store) Renew(ctx context.Context, l store.Lease, ttl time.Duration) error {
	return s.write(ctx, "Renew", func() error {
		if !s.current(l) {
			return store.ErrFenced
		}
		last := s.leases[l.Shard]
		last.expires = time.Now().Add(ttl)
		s.leases[l.Shard] = last
		return nil
	})
}

// Release gives a shard up.
func (s *Store) Release(ctx context.Context, l store.Lease) error {
	return s.write(ctx, "Release", func() error {
		if s.current(l) {
			last := s.leases[l.Shard]
			last.released = true
			s.leases[l.Shard] = last
		}
		return nil
	})
}
