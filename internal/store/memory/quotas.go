package memory

import (
	"context"

	"heddle/internal/store"
)

type quotaKey struct {
	project  string
	resource store.Resource
}

// Quota returns a project's quota, and fixes it if there is none yet.
func (s *Store) Quota(ctx context.Context, project string, r store.Resource, initial int64) (store.Quota, error) {
	var q store.Quota
	err := s.write(ctx, "Quota", func() error {
		key := quotaKey{project, r}
		q = s.quotas[key]
		if q.Limit == 0 {
			q.Limit = initial
		}
		s.quotas[key] = q
		return nil
	})
	return q, err
}

// SetQuota gives a project another quota.
func (s *Store) SetQuota(ctx context.Context, project string, r store.Resource, limit int64) (store.Quota, error) {
	var q store.Quota
	err := s.write(ctx, "SetQuota", func() error {
		key := quotaKey{project, r}
		if s.quotas[key].Used > limit {
			return store.ErrQuota
		}
		q = store.Quota{Limit: limit, Used: s.quotas[key].Used}
		s.quotas[key] = q
		return nil
	})
	return q, err
}

// count counts one more of a resource, or one less, or returns ErrQuota.
func (d *data) count(project string, r store.Resource, change int64) error {
	key := quotaKey{project, r}
	q := d.quotas[key]
	if change > 0 && q.Limit > 0 && q.Used >= q.Limit {
		return store.ErrQuota
	}
	q.Used += change
	d.quotas[key] = q
	return nil
}
