package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"heddle/internal/store"
)

// CreateProject makes a project known.
func (s *Store) CreateProject(ctx context.Context, p store.Project) error {
	return s.write(ctx, "create project", func(ctx context.Context, c *conn) error {
		return created(c.exec(ctx, "INSERT INTO projects (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
			p.ID, p.Name, p.CreatedAt))
	})
}

// created returns ErrExists if an insertion met what was there.
func created(n int64, err error) error {
	if err == nil && n == 0 {
		return store.ErrExists
	}
	return err
}

// Projects returns all projects.
func (s *Store) Projects(ctx context.Context) (projects []store.Project, err error) {
	err = s.read(ctx, "list projects", func(ctx context.Context, c *conn) (err error) {
		projects, err = collect(ctx, c, projectFromRow, "SELECT p.id, p.name, p.created_at FROM projects p ORDER BY p.name")
		return err
	})
	return projects, err
}

func projectFromRow(row pgx.CollectableRow) (p store.Project, err error) {
	err = row.Scan(&p.ID, &p.Name, &p.CreatedAt)
	return p, err
}

// CreateUser stores a user with grants.
func (s *Store) CreateUser(ctx context.Context, u store.User, grants ...store.Grant) (store.UserID, error) {
	var id store.UserID
	err := s.write(ctx, "create user", func(ctx context.Context, c *conn) error {
		err := c.row(ctx, `
			INSERT INTO users (name, password, disabled, created_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT DO NOTHING
			RETURNING id`,
			[]any{u.Name, u.Password, u.Disabled, u.CreatedAt}, &id)
		if errors.Is(err, store.ErrNotFound) {
			return store.ErrExists
		}
		for _, g := range grants {
			if err == nil {
				err = grant(ctx, c, store.Grant{User: id, Project: g.Project, Role: g.Role})
			}
		}
		return err
	})
	return id, err
}

// ChangeUser stores another password, or whether the user is disabled.
func (s *Store) ChangeUser(ctx context.Context, u store.User) error {
	return s.write(ctx, "change user", func(ctx context.Context, c *conn) error {
		err := c.row(ctx, "UPDATE users SET password = $1, disabled = $2 WHERE id = $3 RETURNING 1",
			[]any{u.Password, u.Disabled, u.ID}, new(int))
		if err != nil {
			return err
		}
		_, err = c.exec(ctx, `DELETE FROM tokens WHERE "user" = $1`, u.ID)
		return err
	})
}

// DeleteUser removes a user with all that is the user's.
func (s *Store) DeleteUser(ctx context.Context, id store.UserID) error {
	return s.write(ctx, "delete user", func(ctx context.Context, c *conn) error {
		return c.row(ctx, "DELETE FROM users WHERE id = $1 RETURNING 1", []any{id}, new(int))
	})
}

const userColumns = `u.id, u.name, u.password, u.disabled, u.created_at`

func userDestinations(u *store.User) []any {
	return []any{&u.ID, &u.Name, &u.Password, &u.Disabled, &u.CreatedAt}
}

func userFromRow(row pgx.CollectableRow) (u store.User, err error) {
	err = row.Scan(userDestinations(&u)...)
	return u, err
}

// Users returns all users.
func (s *Store) Users(ctx context.Context) (users []store.User, err error) {
	err = s.read(ctx, "list users", func(ctx context.Context, c *conn) (err error) {
		users, err = collect(ctx, c, userFromRow, "SELECT "+userColumns+" FROM users u ORDER BY u.name")
		return err
	})
	return users, err
}

// UserByName returns a user with all grants.
func (s *Store) UserByName(ctx context.Context, name string) (u store.User, grants []store.Grant, err error) {
	err = s.readOnce(ctx, "find user", func(ctx context.Context, c *conn) error {
		if err := c.row(ctx, "SELECT "+userColumns+" FROM users u WHERE u.name = $1", []any{name}, userDestinations(&u)...); err != nil {
			return err
		}
		grants, err = collect(ctx, c, grantFromRow, `SELECT g."user", g.project, g.role FROM grants g WHERE g."user" = $1 ORDER BY g.project`, u.ID)
		return err
	})
	return u, grants, err
}

func grantFromRow(row pgx.CollectableRow) (g store.Grant, err error) {
	err = row.Scan(&g.User, &g.Project, &g.Role)
	return g, err
}

// SetGrant gives a user a role in a project, or none.
func (s *Store) SetGrant(ctx context.Context, g store.Grant) error {
	return s.write(ctx, "set grant", func(ctx context.Context, c *conn) error {
		if err := c.row(ctx, "SELECT 1 FROM users WHERE id = $1 FOR KEY SHARE", []any{g.User}, new(int)); err != nil {
			return err
		}
		if g.Role == "" {
			_, err := c.exec(ctx, `DELETE FROM grants WHERE "user" = $1 AND project = $2`, g.User, g.Project)
			return err
		}
		return grant(ctx, c, g)
	})
}

// grant stores a grant, in the place of another one.
func grant(ctx context.Context, c *conn, g store.Grant) error {
	_, err := c.exec(ctx, `
		INSERT INTO grants ("user", project, role) VALUES ($1, $2, $3)
		ON CONFLICT ("user", project) DO UPDATE SET role = excluded.role`,
		g.User, g.Project, g.Role)
	return err
}
