// Package schema brings the schema of a store's database up to date. It knows
// migrations by their numbers only.
package schema

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
)

// ErrNewer says that a newer program has changed the schema: rows may mean
// something else than this one believes.
var ErrNewer = errors.New("the database was written by a newer program")

// Migrations are the steps by which a schema came to its newest version.
type Migrations struct {
	Dialect goose.Dialect
	Files   fs.FS // has them in the directory "migrations", by number
	Options []goose.ProviderOption
}

// Migrate takes the steps that a database has not taken, or returns ErrNewer if
// it has taken steps that are not among them.
func Migrate(ctx context.Context, db *sql.DB, m Migrations, log *slog.Logger) error {
	files, err := fs.Sub(m.Files, "migrations")
	if err != nil {
		return fmt.Errorf("find migrations: %w", err)
	}
	provider, err := goose.NewProvider(m.Dialect, db, files,
		append(m.Options, goose.WithSlog(log), goose.WithDisableGlobalRegistry(true))...)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	has, knows, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if has > knows {
		return fmt.Errorf("%w: the database has version %d, this program knows %d", ErrNewer, has, knows)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the schema: %w", err)
	}
	return nil
}
