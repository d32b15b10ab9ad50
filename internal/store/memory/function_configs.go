package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"heddle/internal/store"
)

// VersionConfigs returns configurations of versions of any function.
func (s *Store) VersionConfigs(ctx context.Context, after store.FunctionRevision, limit int) ([]store.VersionConfig, error) {
	var all []store.VersionConfig
	err := s.read(ctx, "VersionConfigs", func() error {
		for _, f := range s.functions {
			for _, v := range f.versions {
				if v.Revision > after {
					all = append(all, store.VersionConfig{FunctionName: f.FunctionName, Revision: v.Revision, Config: v.Config})
				}
			}
		}
		slices.SortFunc(all, func(a, b store.VersionConfig) int { return cmp.Compare(a.Revision, b.Revision) })
		return nil
	})
	return part(all, store.Page{Limit: limit}), err
}

// RewriteConfig puts another configuration in the place of one.
func (s *Store) RewriteConfig(ctx context.Context, revision store.FunctionRevision, from, to []byte) error {
	return s.write(ctx, "RewriteConfig", func() error {
		for _, f := range s.functions {
			for name, v := range f.versions {
				if v.Revision == revision && bytes.Equal(v.Config, from) {
					v.Config = slices.Clone(to)
					f.versions[name] = v
					return nil
				}
			}
		}
		return store.ErrNotFound
	})
}
