package postgres_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"heddle/internal/store/postgres"
)

// The server that the tests use: addressVariable names a database on it, in
// which they make schemas of their own.
const (
	addressVariable = "HEDDLE_TEST_POSTGRES"
	addressTried    = "postgres://postgres@127.0.0.1:5432/test?sslmode=disable"
)

// address returns the URL of the database.
func address() string { return cmp.Or(os.Getenv(addressVariable), addressTried) }

// reachable skips the test if there is no server and none was promised.
func reachable(t testing.TB) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), address())
	if err == nil {
		err = c.Close(t.Context())
	}
	switch {
	case err == nil:
	case os.Getenv(addressVariable) != "":
		t.Fatalf("%s: %v", addressVariable, err)
	default:
		t.Skipf("no PostgreSQL to test with: set %s to the URL of a database, or start one at %s", addressVariable, addressTried)
	}
}

// database is a schema of a test's own, and where its nodes keep their marks.
type database struct {
	schema string
	marks  string
	admin  *pgx.Conn
}

var schemas atomic.Int64

// newDatabase makes an empty schema, which is dropped at the end of the test.
func newDatabase(t testing.TB) *database {
	t.Helper()
	reachable(t)
	d := &database{
		schema: fmt.Sprintf("heddle_test_%d_%d", os.Getpid(), schemas.Add(1)),
		marks:  t.TempDir(),
	}
	c, err := pgx.Connect(t.Context(), address())
	if err != nil {
		t.Fatal(err)
	}
	d.admin = c
	d.exec(t, "CREATE SCHEMA "+d.schema)
	d.exec(t, "SET search_path = "+d.schema)
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if _, err := c.Exec(ctx, "DROP SCHEMA "+d.schema+" CASCADE"); err != nil {
			t.Error(err)
		}
		if err := c.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return d
}

// exec runs a statement beside the store.
func (d *database) exec(t testing.TB, text string, args ...any) {
	t.Helper()
	if _, err := d.admin.Exec(t.Context(), text, args...); err != nil {
		t.Fatal(err)
	}
}

// url returns the schema's URL, with further settings for the session.
func (d *database) url(settings ...string) string {
	u, err := url.Parse(address())
	if err != nil {
		panic(err)
	}
	query := u.Query()
	query.Set("search_path", d.schema)
	query.Set("application_name", d.schema)
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		query.Set(name, value)
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// config is that of a node.
func (d *database) config(node string) postgres.Config {
	return postgres.Config{URL: d.url(), Node: node, MarkFile: filepath.Join(d.marks, node)}
}

// open opens the store for a node.
func (d *database) open(t *testing.T, node string) *postgres.Store {
	t.Helper()
	return opened(t, d.config(node))
}

func opened(t *testing.T, cfg postgres.Config) *postgres.Store {
	t.Helper()
	st, err := postgres.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// databases are those of one suite, by directory.
type databases struct{ byDirectory sync.Map }

func (d *databases) at(t *testing.T, dir string) *database {
	t.Helper()
	if known, ok := d.byDirectory.Load(dir); ok {
		return known.(*database)
	}
	made := newDatabase(t)
	d.byDirectory.Store(dir, made)
	return made
}

// terminate ends the sessions of all nodes.
func (d *database) terminate(t *testing.T) {
	t.Helper()
	d.exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", d.schema)
}
