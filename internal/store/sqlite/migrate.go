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
	return schema.Migrate(ctx, db, schema.Migrations{Dialect: goose.DialectSQLite3, Files: migrations}, log)
}
