package e2e

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// refusing is what makes a database refuse a share of all writes, by the codes
// of a serialization failure, a deadlock, a cancelled query, a lock that is not
// to be had and too many connections, and of all commits by the first two.
const refusing = `
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
		DECLARE codes text[] := TG_ARGV[0]::text[];
		BEGIN
			IF random() < 0.1 THEN
				RAISE EXCEPTION 'refused by a test' USING ERRCODE = codes[1 + floor(random() * cardinality(codes))];
			END IF;
			RETURN NULL;
		END $$;
	CREATE TRIGGER refuse_start AFTER INSERT ON executions FOR EACH STATEMENT
		EXECUTE FUNCTION refuse('{40001,40P01,57014,55P03,53300}');
	CREATE TRIGGER refuse_turn AFTER INSERT ON journal FOR EACH STATEMENT
		EXECUTE FUNCTION refuse('{40001,40P01,57014,55P03,53300}');
	CREATE CONSTRAINT TRIGGER refuse_commit AFTER UPDATE ON nodes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
		EXECUTE FUNCTION refuse('{40001,40P01}')`

// TestPostgresRefuses has the database refuse a part of all that is asked of it,
// and beside that one thing for a while.
func TestPostgresRefuses(t *testing.T) {
	t.Parallel()
	c, s, functions := onCluster(t)
	c.kill()
	c.settings["max_connections"] = "10"
	c.start()
	s.store = c.url(c.host(), "lock_timeout=50ms", "statement_timeout=500ms")
	rng := chance(t)
	kinds := []func(){
		func() { c.holding("LOCK TABLE executions", between(rng, 200, 500)) },
		func() { c.holding("SELECT * FROM leases FOR UPDATE", between(rng, 200, 500)) },
		func() { c.holding("SELECT * FROM nodes FOR UPDATE", between(rng, 200, 500)) },
		func() { c.full(between(rng, 200, 1000)) },
		func() {
			for range 20 {
				c.exec("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'heddle'")
				pause(t.Context(), between(rng, 0, 30))
			}
		},
	}
	faults := amount(len(kinds), 100)
	rideOut(t, s, functions, rng, faults, func(n int) {
		if n == 0 { // now the tables are there
			c.exec(refusing)
		}
		kinds[n%len(kinds)]()
		if n == faults-1 { // now all must go on
			c.exec("DROP FUNCTION refuse CASCADE")
		}
	})
}

// holding keeps in a transaction what a statement locks, for longer than the
// server waits for it.
func (c *cluster) holding(statement string, d time.Duration) {
	c.t.Helper()
	conn, err := c.connect()
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close(context.Background()) // and so the transaction ends
	if _, err := conn.Exec(c.t.Context(), "BEGIN; "+statement); err != nil {
		c.t.Fatal(err)
	}
	pause(c.t.Context(), d)
}

// full takes all connections that there are, also those of the server.
func (c *cluster) full(d time.Duration) {
	c.t.Helper()
	var taken []*pgx.Conn
	defer func() {
		for _, conn := range taken {
			conn.Close(context.Background())
		}
	}()
	for {
		conn, err := c.connect()
		if err != nil {
			break
		}
		taken = append(taken, conn)
		if _, err := conn.Exec(c.t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'heddle'"); err != nil {
			c.t.Fatal(err)
		}
	}
	pause(c.t.Context(), d)
}
