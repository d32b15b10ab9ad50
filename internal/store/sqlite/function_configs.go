package sqlite

import (
	"context"
	"database/sql"

	"heddle/internal/store"
)

// VersionConfigs returns configurations of versions of any function.
func (s *Store) VersionConfigs(ctx context.Context, after store.FunctionRevision, limit int) (all []store.VersionConfig, err error) {
	err = s.read(ctx, "list configurations", func(c *conn) (err error) {
		all, err = collect(ctx, c, configFromRow, `
			SELECT f.project, f.package, f.name, v.revision, v.config
			FROM function_versions v JOIN functions f ON f.id = v.function
			WHERE v.revision > ? AND f.deleted = 0 ORDER BY v.revision LIMIT ?`,
			after, limit)
		return err
	})
	return all, err
}

func configFromRow(rows *sql.Rows) (v store.VersionConfig, err error) {
	err = rows.Scan(&v.Project, &v.Package, &v.Name, &v.Revision, &v.Config)
	return v, err
}

// RewriteConfig puts another configuration in the place of one.
func (s *Store) RewriteConfig(ctx context.Context, revision store.FunctionRevision, from, to []byte) error {
	return s.write(ctx, "rewrite configuration", func(ctx context.Context, c *conn) error {
		return c.row(ctx, "UPDATE function_versions SET config = ? WHERE revision = ? AND config = ? RETURNING 1", []any{to, revision, from}, new(int))
	})
}
