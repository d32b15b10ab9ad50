package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"heddle/internal/store"
)

// VersionConfigs returns configurations of versions of any function.
func (s *Store) VersionConfigs(ctx context.Context, after store.FunctionRevision, limit int) (all []store.VersionConfig, err error) {
	err = s.read(ctx, "list configurations", func(ctx context.Context, c *conn) (err error) {
		all, err = collect(ctx, c, configFromRow, `
			SELECT f.project, f.package, f.name, v.revision, v.config
			FROM function_versions v JOIN functions f ON f.id = v.function
			WHERE v.revision > $1 AND NOT f.deleted ORDER BY v.revision LIMIT $2`,
			after, limit)
		return err
	})
	return all, err
}

func configFromRow(row pgx.CollectableRow) (v store.VersionConfig, err error) {
	err = row.Scan(&v.Project, &v.Package, &v.Name, &v.Revision, &v.Config)
	return v, err
}

// RewriteConfig puts another configuration in the place of one.
func (s *Store) RewriteConfig(ctx context.Context, revision store.FunctionRevision, from, to []byte) error {
	return s.write(ctx, "rewrite configuration", func(ctx context.Context, c *conn) error {
		return c.row(ctx, "UPDATE function_versions SET config = $1 WHERE revision = $2 AND config = $3 RETURNING 1", []any{to, revision, from}, new(int))
	})
}
