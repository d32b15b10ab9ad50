package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"heddle/internal/store"
)

// versionColumns are those of a store.FunctionVersion, in the order of
// versionDestinations, from function_versions v.
const versionColumns = `v.version, v.revision, v.modified_at, v.config, coalesce(v.digest, '')`

func versionDestinations(v *store.FunctionVersion) []any {
	return []any{&v.Version, &v.Revision, &v.ModifiedAt, &v.Config, &v.Digest}
}

func versionFromRow(row pgx.CollectableRow) (v store.FunctionVersion, err error) {
	err = row.Scan(versionDestinations(&v)...)
	return v, err
}

// addVersion stores a version and its code.
func addVersion(ctx context.Context, c *conn, id store.FunctionID, v store.FunctionVersion, code *store.Code) (store.FunctionRevision, error) {
	if code != nil {
		if _, err := c.exec(ctx, `
			INSERT INTO function_code (digest, size, body) VALUES ($1, $2, $3)
			ON CONFLICT DO NOTHING`,
			code.Digest, len(code.Body), code.Body); err != nil {
			return 0, err
		}
	}
	var revision store.FunctionRevision
	err := c.row(ctx, `
		INSERT INTO function_versions (function, version, modified_at, config, digest)
		VALUES ($1, $2, $3, $4, nullif($5, ''))
		ON CONFLICT DO NOTHING
		RETURNING revision`,
		[]any{id, v.Version, v.ModifiedAt, v.Config, v.Digest}, &revision)
	if errors.Is(err, store.ErrNotFound) {
		return 0, store.ErrExists
	}
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == foreignKeyViolation { // the code was there, and another node has dropped it
		err = fmt.Errorf("%w: %w", errRaced, err)
	}
	return revision, err
}

const foreignKeyViolation = "23503"

// latest returns the digest of the latest version, or ErrStale if that has
// another revision. Nobody else changes the function until the transaction has
// ended: its row is locked first, so that what is read next is what is there.
func latest(ctx context.Context, c *conn, id store.FunctionID, from store.FunctionRevision) (digest string, err error) {
	var revision store.FunctionRevision
	if err := c.row(ctx, "SELECT 1 FROM functions WHERE id = $1 AND NOT deleted FOR UPDATE", []any{id}, new(int)); err != nil {
		return "", err
	}
	err = c.row(ctx, "SELECT revision, coalesce(digest, '') FROM function_versions WHERE function = $1 AND version = 'latest'",
		[]any{id}, &revision, &digest)
	if err == nil && revision != from {
		return "", store.ErrStale
	}
	return digest, err
}

// dropCode removes the code that no version has any more.
func dropCode(ctx context.Context, c *conn, digests ...string) error {
	for _, digest := range digests {
		if _, err := c.exec(ctx, `
			DELETE FROM function_code
			WHERE digest = $1 AND NOT EXISTS (SELECT 1 FROM function_versions WHERE digest = $1)`,
			digest); err != nil {
			return err
		}
	}
	return nil
}

// UpdateLatest stores a new latest version in the place of the one before.
func (s *Store) UpdateLatest(ctx context.Context, id store.FunctionID, from store.FunctionRevision, v store.FunctionVersion, code *store.Code) (store.FunctionRevision, error) {
	var revision store.FunctionRevision
	err := s.write(ctx, "update function", func(ctx context.Context, c *conn) error {
		former, err := latest(ctx, c, id, from)
		if err != nil {
			return err
		}
		if _, err := c.exec(ctx, "DELETE FROM function_versions WHERE revision = $1", from); err != nil {
			return err
		}
		if revision, err = addVersion(ctx, c, id, v, code); err != nil {
			return err
		}
		return dropCode(ctx, c, former)
	})
	return revision, err
}

// PublishVersion stores a version beside the latest.
func (s *Store) PublishVersion(ctx context.Context, id store.FunctionID, from store.FunctionRevision, v store.FunctionVersion) (store.FunctionRevision, error) {
	var revision store.FunctionRevision
	err := s.write(ctx, "publish version of function", func(ctx context.Context, c *conn) error {
		if _, err := latest(ctx, c, id, from); err != nil {
			return err
		}
		var err error
		revision, err = addVersion(ctx, c, id, v, nil)
		return err
	})
	return revision, err
}

// FunctionVersion returns one version of a function.
func (s *Store) FunctionVersion(ctx context.Context, id store.FunctionID, version string) (store.FunctionVersion, error) {
	var v store.FunctionVersion
	err := s.read(ctx, "find version of function", func(ctx context.Context, c *conn) error {
		return c.row(ctx, "SELECT "+versionColumns+" FROM function_versions v WHERE v.function = $1 AND v.version = $2",
			[]any{id, version}, versionDestinations(&v)...)
	})
	return v, err
}

// ListFunctionVersions returns a page of a function's versions.
func (s *Store) ListFunctionVersions(ctx context.Context, id store.FunctionID, page store.Page) ([]store.FunctionVersion, int64, error) {
	var versions []store.FunctionVersion
	var n int64
	err := s.readOnce(ctx, "list versions of function", func(ctx context.Context, c *conn) (err error) {
		if err := c.row(ctx, "SELECT count(*) FROM function_versions WHERE function = $1", []any{id}, &n); err != nil {
			return err
		}
		versions, err = collect(ctx, c, versionFromRow, `
			SELECT `+versionColumns+` FROM function_versions v WHERE v.function = $1
			ORDER BY v.version = 'latest' DESC, v.revision DESC LIMIT $2 OFFSET $3`,
			id, page.Limit, page.Offset)
		return err
	})
	return versions, n, err
}

// DeleteFunctionVersion removes a published version.
func (s *Store) DeleteFunctionVersion(ctx context.Context, id store.FunctionID, from int, version string) error {
	return s.write(ctx, "delete version of function", func(ctx context.Context, c *conn) error {
		if err := checkSettings(ctx, c, id, from); err != nil {
			return err
		}
		var digest string
		if err := c.row(ctx, `
			DELETE FROM function_versions WHERE function = $1 AND version = $2 AND version <> 'latest'
			RETURNING coalesce(digest, '')`,
			[]any{id, version}, &digest); err != nil {
			return err
		}
		return dropCode(ctx, c, digest)
	})
}

// FunctionCode returns the code of a digest.
func (s *Store) FunctionCode(ctx context.Context, digest string) ([]byte, error) {
	var body []byte
	err := s.read(ctx, "find code", func(ctx context.Context, c *conn) error {
		return c.row(ctx, "SELECT body FROM function_code WHERE digest = $1", []any{digest}, &body)
	})
	return body, err
}

// FunctionBytes returns how much code a project's functions have.
func (s *Store) FunctionBytes(ctx context.Context, project string) (int64, error) {
	var n int64
	err := s.read(ctx, "count code", func(ctx context.Context, c *conn) error {
		return c.row(ctx, `
			SELECT coalesce(sum(k.size), 0)::bigint
			FROM functions f JOIN function_versions v ON v.function = f.id JOIN function_code k ON k.digest = v.digest
			WHERE f.project = $1 AND NOT f.deleted`,
			[]any{project}, &n)
	})
	return n, err
}
