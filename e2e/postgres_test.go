package e2e

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// schemas counts those that this process has made.
var schemas atomic.Int64

// newSchema makes an empty schema in a PostgreSQL database, which is dropped at
// the end of the test, and returns its URL. Without a database the test is
// skipped, unless one was promised.
func newSchema(t *testing.T) string {
	t.Helper()
	promised := os.Getenv("HEDDLE_TEST_POSTGRES")
	address := cmp.Or(promised, "postgres://postgres@127.0.0.1:5432/test?sslmode=disable")
	c, err := pgx.Connect(t.Context(), address)
	if err != nil && promised == "" {
		t.Skipf("no PostgreSQL to test with: set HEDDLE_TEST_POSTGRES to the URL of a database, or start one at %s", address)
	}
	if err != nil {
		t.Fatal(err)
	}
	schema := fmt.Sprintf("heddle_e2e_%d_%d", os.Getpid(), schemas.Add(1))
	if _, err := c.Exec(t.Context(), "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if _, err := c.Exec(ctx, "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			t.Error(err)
		}
		c.Close(ctx)
	})
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("search_path", schema)
	u.RawQuery = query.Encode()
	return u.String()
}
