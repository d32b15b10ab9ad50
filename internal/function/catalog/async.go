package catalog

import (
	"context"
	"strings"

	"heddle/internal/store"
)

// AsyncFor returns how asynchronous invocations of a version or an alias, as a
// caller named it, are treated.
func (s Settings) AsyncFor(qualifier string) AsyncConfig {
	if configured, ok := s.Async[qualifierKey(qualifier)]; ok {
		return configured
	}
	return DefaultAsync
}

// qualifierKey is what a qualifier is kept under.
func qualifierKey(qualifier string) string {
	if qualifier == "" {
		return store.VersionLatest
	}
	return qualifier
}

// SetAsync says how asynchronous invocations of a version or an alias are treated.
func (c *Catalog) SetAsync(ctx context.Context, name store.FunctionName, qualifier string, cfg AsyncConfig) (AsyncConfig, error) {
	key := qualifierKey(qualifier)
	cfg.ModifiedAt = now()
	_, err := c.changeSettings(ctx, name, func(f *Function) error {
		if alias, ok := strings.CutPrefix(key, "!"); ok {
			if _, there := f.Aliases[alias]; !there {
				return noAlias(f, alias)
			}
		} else if _, err := c.Version(ctx, *f, key); err != nil {
			return err
		}
		cfg.CreatedAt = cfg.ModifiedAt
		if former, ok := f.Async[key]; ok {
			cfg.CreatedAt = former.CreatedAt
		}
		if f.Async == nil {
			f.Async = map[string]AsyncConfig{}
		}
		f.Async[key] = cfg
		return nil
	})
	return cfg, err
}

// ResetAsync returns a version or an alias to DefaultAsync.
func (c *Catalog) ResetAsync(ctx context.Context, name store.FunctionName, qualifier string) error {
	_, err := c.changeSettings(ctx, name, func(f *Function) error {
		delete(f.Async, qualifierKey(qualifier))
		return nil
	})
	return err
}

// dropAsync forgets what was configured for a version that is deleted.
func (c *Catalog) dropAsync(ctx context.Context, f Function, version string) error {
	if _, ok := f.Async[version]; !ok {
		return nil
	}
	return c.ResetAsync(ctx, f.FunctionName, version)
}
