package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"log/slog"

	"github.com/pressly/goose/v3"

	"heddle/internal/store/schema"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema to the newest version that the program knows.
func migrate(ctx context.Context, db *sql.DB, log *slog.Logger) error {
	if err := readVersions(ctx, db); err != nil {
		return err
	}
	return schema.Migrate(ctx, db, schema.Migrations{Dialect: goose.DialectSQLite3, Files: migrations}, log)
}

// readVersions makes sure that the list of migrations can be read. Whoever
// migrates takes one that cannot for one that is not there.
func readVersions(ctx context.Context, db *sql.DB) error {
	var n int
	err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'goose_db_version'").Scan(&n)
	if err != nil || n == 0 {
		return err
	}
	return db.QueryRowContext(ctx, "SELECT sum(version_id) FROM goose_db_version").Scan(&n)
}
