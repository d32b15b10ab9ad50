package postgres

import (
	"context"
	"errors"
	"time"

	"heddle/internal/store"
)

// Shards returns how many shards there are.
func (s *Store) Shards() int { return s.shards }

// serverTime returns the server's time at the begin of the transaction, in
// milliseconds. Nodes that share a database have no other clock in common, and
// so nothing but leases goes by this one.
func serverTime(ctx context.Context, c *conn) (now int64, err error) {
	err = c.row(ctx, "SELECT floor(extract(epoch FROM now()) * 1000)::bigint", nil, &now)
	return now, err
}

// Acquire takes a shard for a node. It waits for those who write under the
// lease that it ends.
func (s *Store) Acquire(ctx context.Context, shard store.Shard, node string, ttl time.Duration) (store.Lease, error) {
	lease := store.Lease{Shard: shard}
	err := s.write(ctx, "acquire lease", func(ctx context.Context, c *conn) error {
		if shard < 0 || int(shard) >= s.shards {
			return store.ErrNotFound
		}
		now, err := serverTime(ctx, c)
		if err != nil {
			return err
		}
		err = c.row(ctx, `
			UPDATE leases SET node = $2, epoch = epoch + 1, expires_at = $3
			WHERE shard = $1 AND (node = $2 OR expires_at <= $4)
			RETURNING epoch`,
			[]any{shard, node, now + ttl.Milliseconds(), now}, &lease.Epoch)
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
		now, err := serverTime(ctx, c)
		if err != nil {
			return err
		}
		n, err := c.exec(ctx, "UPDATE leases SET expires_at = $3 WHERE shard = $1 AND epoch = $2 AND expires_at > 0",
			lease.Shard, lease.Epoch, now+ttl.Milliseconds())
		if err == nil && n == 0 {
			err = store.ErrFenced
		}
		return err
	})
}

// Release gives a shard up.
func (s *Store) Release(ctx context.Context, lease store.Lease) error {
	return s.write(ctx, "release lease", func(ctx context.Context, c *conn) error {
		_, err := c.exec(ctx, "UPDATE leases SET expires_at = 0 WHERE shard = $1 AND epoch = $2", lease.Shard, lease.Epoch)
		return err
	})
}
