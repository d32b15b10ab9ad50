package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
)

// The PostgreSQL to measure on: addressVariable names a database on it, in which
// schemas are made and dropped.
const (
	addressVariable = "HEDDLE_TEST_POSTGRES"
	addressTried    = "postgres://postgres@127.0.0.1:5432/test?sslmode=disable"
)

// The stores, as the report names them.
const (
	storeSQLite   = "SQLite"
	storePostgres = "PostgreSQL"
)

func (s setup) store() string {
	if s.postgres {
		return storePostgres
	}
	return storeSQLite
}

// postgresFigures compares the two stores.
type postgresFigures struct {
	NotMeasured string     `json:"not_measured,omitempty"` // why
	SQLite      throughput `json:"sqlite"`
	Postgres    throughput `json:"postgres"`
}

// measurePostgres measures the pass graph on both stores in turn, and executions
// that wait, on PostgreSQL.
func (b *bench) measurePostgres(ctx context.Context, r *results) error {
	if b.postgres == "" {
		r.Postgres = &postgresFigures{NotMeasured: "no PostgreSQL answers at " + addressTried + "; set " + addressVariable}
		return nil
	}
	rounds := map[bool][]round{}
	for n := range b.plan.rounds {
		for _, postgres := range []bool{false, true} {
			how := setup{postgres: postgres}
			b.progress("  round %d: %s", n+1, how.store())
			one, err := b.freshRound(ctx, how, pass, storedClients)
			if err != nil {
				return fmt.Errorf("%s: %w", how.store(), err)
			}
			rounds[postgres] = append(rounds[postgres], one)
		}
	}
	r.Postgres = &postgresFigures{
		SQLite:   throughputOf(pass, storedClients, rounds[false], nil),
		Postgres: throughputOf(pass, storedClients, rounds[true], nil),
	}
	w, err := b.waiting(ctx, setup{postgres: true}, b.plan.waiting[0])
	if err != nil {
		return fmt.Errorf("%d waiting on PostgreSQL: %w", b.plan.waiting[0], err)
	}
	r.Waiting = append(r.Waiting, w)
	return nil
}

// findPostgres returns the URL of a PostgreSQL that answers, or nothing.
func findPostgres(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	address := cmp.Or(os.Getenv(addressVariable), addressTried)
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		return ""
	}
	c.Close(ctx)
	return address
}

// schema is where a server keeps everything in PostgreSQL.
type schema struct {
	name  string
	url   string
	admin *pgx.Conn
}

func newSchema(ctx context.Context, address, name string) (*schema, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	query := u.Query()
	query.Set("search_path", name)
	u.RawQuery = query.Encode()
	admin, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	if _, err := admin.Exec(ctx, "CREATE SCHEMA "+name); err != nil {
		return nil, errors.Join(err, admin.Close(ctx))
	}
	return &schema{name, u.String(), admin}, nil
}

// stored returns the bytes of the tables and their indexes.
func (s *schema) stored(ctx context.Context) (n int64, err error) {
	err = s.admin.QueryRow(ctx, `
		SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class WHERE relkind = 'r' AND relnamespace = $1::regnamespace`,
		s.name).Scan(&n)
	return n, err
}

// drop removes the schema. It does so too where the measure was broken off.
func (s *schema) drop() {
	ctx, cancel := context.WithTimeout(context.Background(), stopMax)
	defer cancel()
	s.admin.Exec(ctx, "DROP SCHEMA "+s.name+" CASCADE")
	s.admin.Close(ctx)
}
