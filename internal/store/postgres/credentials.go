package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// CreateKey stores a key.
func (s *Store) CreateKey(ctx context.Context, k store.AccessKey) error {
	return s.write(ctx, "create key", func(ctx context.Context, c *conn) error {
		if err := c.row(ctx, "SELECT 1 FROM users WHERE id = $1 FOR KEY SHARE", []any{k.User}, new(int)); err != nil {
			return err
		}
		return created(c.exec(ctx, `
			INSERT INTO access_keys (access, secret, "user", project, created_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT DO NOTHING`,
			k.Access, k.Secret, k.User, k.Project, k.CreatedAt))
	})
}

const keyColumns = `k.access, k.secret, k."user", k.project, k.created_at, u.name`

func keyDestinations(k *store.AccessKey) []any {
	return []any{&k.Access, &k.Secret, &k.User, &k.Project, &k.CreatedAt, &k.UserName}
}

func keyFromRow(row pgx.CollectableRow) (k store.AccessKey, err error) {
	err = row.Scan(keyDestinations(&k)...)
	return k, err
}

// KeyByAccess returns a key and what it stands for.
func (s *Store) KeyByAccess(ctx context.Context, access string) (k store.AccessKey, held store.Credential, err error) {
	err = s.read(ctx, "find key", func(ctx context.Context, c *conn) error {
		return c.row(ctx, `
			SELECT `+keyColumns+`, coalesce(
				(SELECT g.role FROM grants g WHERE g."user" = u.id AND g.project = k.project),
				(SELECT g.role FROM grants g WHERE g."user" = u.id AND g.project = '*'), '')
			FROM access_keys k JOIN users u ON u.id = k."user"
			WHERE k.access = $1 AND NOT u.disabled`,
			[]any{access}, append(keyDestinations(&k), &held.Role)...)
	})
	held.User, held.Project = k.UserName, k.Project
	return k, held, err
}

// Keys returns all keys.
func (s *Store) Keys(ctx context.Context) (keys []store.AccessKey, err error) {
	err = s.read(ctx, "list keys", func(ctx context.Context, c *conn) (err error) {
		keys, err = collect(ctx, c, keyFromRow, `
			SELECT `+keyColumns+` FROM access_keys k JOIN users u ON u.id = k."user"
			ORDER BY u.name, k.access`)
		return err
	})
	return keys, err
}

// ResealKey puts another sealed secret in the place of one.
func (s *Store) ResealKey(ctx context.Context, access string, from, to []byte) error {
	return s.write(ctx, "reseal key", func(ctx context.Context, c *conn) error {
		return c.row(ctx, "UPDATE access_keys SET secret = $1 WHERE access = $2 AND secret = $3 RETURNING 1", []any{to, access, from}, new(int))
	})
}

// DeleteKey removes a key.
func (s *Store) DeleteKey(ctx context.Context, access string) error {
	return s.write(ctx, "delete key", func(ctx context.Context, c *conn) error {
		return c.row(ctx, "DELETE FROM access_keys WHERE access = $1 RETURNING 1", []any{access}, new(int))
	})
}

// expiredTokensMax bounds how many tokens that have expired are removed when a new
// one comes: more than come, so that they do not pile up.
const expiredTokensMax = 10

// CreateToken stores a token, and removes some that have expired.
func (s *Store) CreateToken(ctx context.Context, t store.Token, now journal.Millis) error {
	return s.write(ctx, "create token", func(ctx context.Context, c *conn) error {
		if err := c.row(ctx, "SELECT 1 FROM users WHERE id = $1 FOR KEY SHARE", []any{t.User}, new(int)); err != nil {
			return err
		}
		if _, err := c.exec(ctx, "DELETE FROM tokens WHERE hash IN (SELECT hash FROM tokens WHERE expires_at <= $1 LIMIT $2)", now, expiredTokensMax); err != nil {
			return err
		}
		return created(c.exec(ctx, `
			INSERT INTO tokens (hash, "user", project, expires_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT DO NOTHING`,
			t.Hash[:], t.User, t.Project, t.Expires))
	})
}

// TokenByHash returns what a token stands for.
func (s *Store) TokenByHash(ctx context.Context, hash [32]byte) (held store.Credential, err error) {
	err = s.read(ctx, "find token", func(ctx context.Context, c *conn) error {
		return c.row(ctx, `
			SELECT u.name, t.project, t.expires_at, coalesce(
				(SELECT g.role FROM grants g WHERE g."user" = u.id AND g.project = t.project),
				(SELECT g.role FROM grants g WHERE g."user" = u.id AND g.project = '*'), '')
			FROM tokens t JOIN users u ON u.id = t."user"
			WHERE t.hash = $1 AND NOT u.disabled`,
			[]any{hash[:]}, &held.User, &held.Project, &held.Expires, &held.Role)
	})
	return held, err
}

// DeleteToken ends a token.
func (s *Store) DeleteToken(ctx context.Context, hash [32]byte) error {
	return s.write(ctx, "delete token", func(ctx context.Context, c *conn) error {
		return c.row(ctx, "DELETE FROM tokens WHERE hash = $1 RETURNING 1", []any{hash[:]}, new(int))
	})
}
