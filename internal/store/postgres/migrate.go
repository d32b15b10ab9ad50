package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"heddle/internal/store/schema"
)

//go:embed migrations/*.sql
var migrations embed.FS

// While another node migrates, this one looks again each second, for so long.
const (
	migrationLook   = 1   // seconds
	migrationsLooks = 600 // until it gives up
)

// migrate brings the schema to the newest version that the program knows. Of
// nodes that start together one does it. A migration takes the time it takes.
func migrate(ctx context.Context, cfg *pgx.ConnConfig, log *slog.Logger) (err error) {
	cfg = cfg.Copy()
	for _, limit := range []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"} {
		cfg.RuntimeParams[limit] = "0"
	}
	db := stdlib.OpenDB(*cfg)
	defer func() { err = errors.Join(err, db.Close()) }()

	// Others may keep schemas of their own in the database.
	var id int64
	if err := db.QueryRowContext(ctx, "SELECT hashtextextended('heddle ' || current_schema(), 0)").Scan(&id); err != nil {
		return fmt.Errorf("find the schema of the search path: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(id), lock.WithLockTimeout(migrationLook, migrationsLooks))
	if err != nil {
		return fmt.Errorf("lock the schema: %w", err)
	}
	return schema.Migrate(ctx, db, schema.Migrations{
		Dialect: goose.DialectPostgres,
		Files:   migrations,
		Options: []goose.ProviderOption{goose.WithSessionLocker(locker)},
	}, log)
}
