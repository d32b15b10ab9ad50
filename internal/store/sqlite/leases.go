package sqlite

import (
	"context"
	"errors"
	"time"

	"heddle/internal/store"
)

// shardsCount is one: the whole database belongs to one process.
const shardsCount = 1

// Shards returns how many shards there are.
func (s *Store) Shards() int { return shardsCount }

// Acquire takes a shard for a node.
func (s *Store) Acquire(ctx context.Context, shard store.Shard, node string, ttl time.Duration) (store.Lease, error) {
	lease := store.Lease{Shard: shard}
	err := s.write(ctx, "acquire lease", func(ctx context.Context, c *conn) error {
		if shard < 0 || shard >= shardsCount {
			return store.ErrNotFound
		}
		now := time.Now()
		err := c.row(ctx, `
			INSERT INTO leases (shard, node, epoch, expires_at) VALUES (?1, ?2, 1, ?3)
			ON CONFLICT (shard) DO UPDATE SET node = ?2, epoch = epoch + 1, expires_at = ?3
				WHERE node = ?2 OR expires_at <= ?4
			RETURNING epoch`,
			[]any{shard, node, now.Add(ttl).UnixMilli(), now.UnixMilli()}, &lease.Epoch)
		if errors.Is(err, store.ErrNotFound) {
			return store.ErrExists
		}
		return err
	})
	if err != nil {
		return store.Lease{}, err
	}
	return lease, nil
}

// Renew makes a lease last longer.
func (s *Store) Renew(ctx context.Context, lease store.Lease, ttl time.Duration) error {
	return s.write(ctx, "renew lease", func(ctx context.Context, c *conn) error {
		n, err := c.exec(ctx, "UPDATE leases SET expires_at = ? WHERE shard = ? AND epoch = ? AND expires_at > 0",
			time.Now().Add(ttl).UnixMilli(), lease.Shard, lease.Epoch)
		if err == nil && n == 0 {
			err = store.ErrFenced
		}
		return err
	})
}

// Release gives a shard up.
func (s *Store) Release(ctx context.Context, lease store.Lease) error {
	return s.write(ctx, "release lease", func(ctx context.Context, c *conn) error {
		_, err := c.exec(ctx, "UPDATE leases SET expires_at = 0 WHERE shard = ? AND epoch = ?", lease.Shard, lease.Epoch)
		return err
	})
}
