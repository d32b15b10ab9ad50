package postgres

import (
	"context"
	"errors"

	"heddle/internal/store"
)

// Quota returns a project's quota, and fixes it if there is none yet.
func (s *Store) Quota(ctx context.Context, project string, r store.Resource, initial int64) (store.Quota, error) {
	var q store.Quota
	err := s.read(ctx, "find quota", func(ctx context.Context, c *conn) error {
		return c.row(ctx, "SELECT quota, used FROM quotas WHERE project = $1 AND resource = $2 AND quota IS NOT NULL",
			[]any{project, r}, &q.Limit, &q.Used)
	})
	if !errors.Is(err, store.ErrNotFound) {
		return q, err
	}
	err = s.write(ctx, "fix quota", func(ctx context.Context, c *conn) error {
		return c.row(ctx, `
			INSERT INTO quotas AS q (project, resource, quota, used) VALUES ($1, $2, $3, 0)
			ON CONFLICT (project, resource) DO UPDATE SET quota = coalesce(q.quota, excluded.quota)
			RETURNING quota, used`,
			[]any{project, r, initial}, &q.Limit, &q.Used)
	})
	return q, err
}

// SetQuota gives a project another quota.
func (s *Store) SetQuota(ctx context.Context, project string, r store.Resource, limit int64) (store.Quota, error) {
	var q store.Quota
	err := s.write(ctx, "set quota", func(ctx context.Context, c *conn) error {
		err := c.row(ctx, `
			INSERT INTO quotas AS q (project, resource, quota, used) VALUES ($1, $2, $3, 0)
			ON CONFLICT (project, resource) DO UPDATE SET quota = excluded.quota WHERE q.used <= excluded.quota
			RETURNING quota, used`,
			[]any{project, r, limit}, &q.Limit, &q.Used)
		return orQuota(err)
	})
	return q, err
}

// countIn counts one more of a resource, or returns store.ErrQuota.
func countIn(ctx context.Context, c *conn, project string, r store.Resource) error {
	return orQuota(c.row(ctx, `
		INSERT INTO quotas AS q (project, resource, used) VALUES ($1, $2, 1)
		ON CONFLICT (project, resource) DO UPDATE SET used = q.used + 1 WHERE q.quota IS NULL OR q.used < q.quota
		RETURNING 1`,
		[]any{project, r}, new(int)))
}

// countOut counts one less of a resource.
func countOut(ctx context.Context, c *conn, project string, r store.Resource) error {
	_, err := c.exec(ctx, "UPDATE quotas SET used = used - 1 WHERE project = $1 AND resource = $2", project, r)
	return err
}

// orQuota says what it means that no row was changed.
func orQuota(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return store.ErrQuota
	}
	return err
}
