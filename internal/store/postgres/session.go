package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The limits on waiting, beside those of sessionSettings that the server keeps.
// A call has callTimeout for all of its attempts, and its COMMIT as long again:
// they end where the server is not reached any more.
const (
	connectTimeout = 2 * time.Second
	callTimeout    = 5 * time.Second
)

// sessionSettings are given to every session, where the URL does not have others.
//
// A node that stops in the middle of a transaction holds a lock on its leases:
// its takeover waits until the server ends that.
//
// Every query is meant to go by an index, in the way that is written. The
// planner is kept from choosing another one by statistics that are old, as they
// are for a minute after the first start, and from planning again and again; and
// a cost that it sets high to avoid a way is no reason to compile the query.
var sessionSettings = map[string]string{
	"application_name":                    "heddle",
	"synchronous_commit":                  "on",
	"statement_timeout":                   "3s",
	"lock_timeout":                        "2s",
	"idle_in_transaction_session_timeout": "5s",
	"plan_cache_mode":                     "force_generic_plan",
	"enable_seqscan":                      "off",
	"enable_hashjoin":                     "off",
	"enable_mergejoin":                    "off",
	"jit":                                 "off",
}

// ErrUnsafe says that a server cannot keep what a store promises.
var ErrUnsafe = errors.New("the server is not set up to keep what is stored")

// poolConfig reads a URL and says how to connect.
func poolConfig(url string) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	for name, value := range sessionSettings {
		if _, given := cfg.ConnConfig.RuntimeParams[name]; !given {
			cfg.ConnConfig.RuntimeParams[name] = value
		}
	}
	cfg.ConnConfig.ConnectTimeout = connectTimeout
	if cfg.ConnConfig.ValidateConnect == nil { // of several servers, the one that may be written to
		cfg.ConnConfig.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	cfg.PingTimeout = connectTimeout
	cfg.MaxConns = 1 + readersCount
	return cfg, nil
}

// settings are what a session must have.
type settings struct {
	version           int
	fsync             string
	synchronousCommit string
	encoding          string
}

func readSettings(ctx context.Context, c *pgx.Conn) (s settings, err error) {
	err = c.QueryRow(ctx, `
		SELECT current_setting('server_version_num')::integer, current_setting('fsync'),
			current_setting('synchronous_commit'), current_setting('server_encoding')`).
		Scan(&s.version, &s.fsync, &s.synchronousCommit, &s.encoding)
	return s, err
}

// check returns ErrUnsafe if an acknowledged commit might not be on the disk, or
// a text might not be storable.
func (s settings) check() error {
	const oldest = 15_00_00
	switch {
	case s.version < oldest:
		return fmt.Errorf("%w: it has version %d.%d, 15 is needed", ErrUnsafe, s.version/10_000, s.version%10_000)
	case s.fsync != "on":
		return fmt.Errorf("%w: fsync is %s", ErrUnsafe, s.fsync)
	case !slices.Contains([]string{"on", "remote_apply"}, s.synchronousCommit):
		return fmt.Errorf("%w: synchronous_commit is %s", ErrUnsafe, s.synchronousCommit)
	case s.encoding != "UTF8":
		return fmt.Errorf("%w: its encoding is %s, not UTF8", ErrUnsafe, s.encoding)
	}
	return nil
}

// checkSession looks at a new connection before it is used: the server may be
// another one than before, and have less.
func (s *Store) checkSession(ctx context.Context, c *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	has, err := readSettings(ctx, c)
	if err != nil {
		return err
	}
	if err := has.check(); err != nil {
		return err
	}
	acknowledged := s.committed.Load()
	if acknowledged == 0 {
		return nil
	}
	number, err := commitNumber(ctx, c, s.node)
	if err != nil {
		return err
	}
	return s.compare(number, acknowledged)
}
