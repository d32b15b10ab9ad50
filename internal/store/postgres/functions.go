package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"heddle/internal/store"
)

// CreateFunction stores a function with its latest version.
func (s *Store) CreateFunction(ctx context.Context, f store.Function, code *store.Code) (store.Function, error) {
	err := s.write(ctx, "create function", func(ctx context.Context, c *conn) error {
		err := c.row(ctx, `
			INSERT INTO functions (project, package, name, created_at, settings) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT DO NOTHING
			RETURNING id, settings_revision`,
			[]any{f.Project, f.Package, f.Name, f.CreatedAt, f.Settings.Text}, &f.ID, &f.Settings.Revision)
		if errors.Is(err, store.ErrNotFound) {
			return store.ErrExists
		}
		if err != nil {
			return err
		}
		f.Latest.Revision, err = addVersion(ctx, c, f.ID, f.Latest, code)
		return err
	})
	return f, err
}

// functionColumns are those of a store.Function, in the order of
// functionDestinations. They need the tables of functionTables.
const (
	functionColumns = `f.id, f.project, f.package, f.name, f.created_at, f.settings_revision, f.settings, ` + versionColumns
	functionTables  = `functions f JOIN function_versions v ON v.function = f.id AND v.version = 'latest'`
)

func functionDestinations(f *store.Function) []any {
	return append([]any{&f.ID, &f.Project, &f.Package, &f.Name, &f.CreatedAt, &f.Settings.Revision, &f.Settings.Text},
		versionDestinations(&f.Latest)...)
}

func functionFromRow(row pgx.CollectableRow) (f store.Function, err error) {
	err = row.Scan(functionDestinations(&f)...)
	return f, err
}

// FunctionByName returns a function.
func (s *Store) FunctionByName(ctx context.Context, name store.FunctionName) (store.Function, error) {
	var f store.Function
	err := s.read(ctx, "find function by name", func(ctx context.Context, c *conn) error {
		return c.row(ctx, `
			SELECT `+functionColumns+` FROM `+functionTables+`
			WHERE f.project = $1 AND f.package = $2 AND f.name = $3 AND NOT f.deleted`,
			[]any{name.Project, name.Package, name.Name}, functionDestinations(&f)...)
	})
	return f, err
}

// ListFunctions returns a page of a project's functions. A project has thousands
// of functions at most, so the filters look at each of them.
func (s *Store) ListFunctions(ctx context.Context, filter store.FunctionFilter, page store.Page) ([]store.Function, int64, error) {
	const matching = `
		f.project = $1 AND NOT f.deleted
		AND ($2 = '' OR f.package = $2)
		AND starts_with(f.name, $3)`
	args := []any{filter.Project, filter.Package, filter.NamePrefix}

	var functions []store.Function
	var n int64
	err := s.readOnce(ctx, "list functions", func(ctx context.Context, c *conn) (err error) {
		if err := c.row(ctx, `SELECT count(*) FROM functions f WHERE `+matching, args, &n); err != nil {
			return err
		}
		functions, err = collect(ctx, c, functionFromRow, `
			SELECT `+functionColumns+` FROM `+functionTables+`
			WHERE `+matching+` ORDER BY f.id LIMIT $4 OFFSET $5`,
			append(args, page.Limit, page.Offset)...)
		return err
	})
	return functions, n, err
}

// ChangeSettings stores new settings.
func (s *Store) ChangeSettings(ctx context.Context, id store.FunctionID, from int, text []byte) (int, error) {
	var revision int
	err := s.write(ctx, "change settings of function", func(ctx context.Context, c *conn) error {
		if err := checkSettings(ctx, c, id, from); err != nil {
			return err
		}
		return c.row(ctx, `
			UPDATE functions SET settings_revision = settings_revision + 1, settings = $1
			WHERE id = $2
			RETURNING settings_revision`,
			[]any{text, id}, &revision)
	})
	return revision, err
}

// checkSettings returns ErrStale if a function's settings have another revision.
// Nobody else changes the function until the transaction has ended.
func checkSettings(ctx context.Context, c *conn, id store.FunctionID, from int) error {
	var revision int
	err := c.row(ctx, "SELECT settings_revision FROM functions WHERE id = $1 AND NOT deleted FOR UPDATE", []any{id}, &revision)
	if err == nil && revision != from {
		return store.ErrStale
	}
	return err
}

// DeleteFunction removes a function, but not its invocations.
func (s *Store) DeleteFunction(ctx context.Context, id store.FunctionID) error {
	return s.write(ctx, "delete function", func(ctx context.Context, c *conn) error {
		n, err := c.exec(ctx, "UPDATE functions SET deleted = true, settings = '' WHERE id = $1 AND NOT deleted", id)
		if err != nil {
			return err
		}
		if n == 0 {
			return store.ErrNotFound
		}
		digests, err := collect(ctx, c, textFromRow, "SELECT DISTINCT digest FROM function_versions WHERE function = $1 AND digest IS NOT NULL", id)
		if err != nil {
			return err
		}
		if _, err := c.exec(ctx, "DELETE FROM function_versions WHERE function = $1", id); err != nil {
			return err
		}
		return dropCode(ctx, c, digests...)
	})
}

func textFromRow(row pgx.CollectableRow) (text string, err error) {
	err = row.Scan(&text)
	return text, err
}
