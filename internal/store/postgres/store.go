// Package postgres keeps a store in a PostgreSQL database, version 15 or later,
// which several nodes may share: its executions are in shards, and each shard is
// one node's.
//
// A node has one transaction that writes at a time, as one that commits a group
// of turns has the next group gather; the others read. A transaction that writes
//
//  1. counts the node's commit number up, and so follows the node's one before;
//  2. reads the leases it needs FOR SHARE: a takeover waits until it has ended,
//     or is seen by it;
//  3. reads what it is about, decides, and writes.
//
// Until COMMIT is sent a failure has done nothing: it is repeated if it may pass
// by itself, and else is store.ErrUnavailable. A COMMIT without an answer is
// store.ErrOutcomeUnknown. The store goes on after it, on another connection: a
// transaction that writes waits for the one in doubt in its first step, and what
// reads has that settled before, by such a step. Only where the database turns out
// to have lost acknowledged commits it is store.ErrStopped from then on.
//
// docs/storage.md has the tables. The package knows nothing of what records mean.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"heddle/internal/store"
	"heddle/internal/store/block"
	"heddle/internal/store/mark"
)

// readersCount connections read at the same time, beside the one that writes.
const readersCount = 4

// Config says where a store is and on what condition it is opened.
type Config struct {
	// URL names the database as libpq does: postgres://user@host/database. What
	// it sets for the session is not changed.
	URL string
	// Node is the name of this node. No two that run may have one name.
	Node string
	// MarkFile is where the node notes, outside the database, what has been
	// acknowledged. It is created if it is missing; its directory is not.
	MarkFile string
	// AcceptDataLoss opens a database that is behind what was acknowledged, and
	// counts from what is there.
	AcceptDataLoss bool
}

// Store is an open database. Its methods may be called from any goroutine.
type Store struct {
	log     *slog.Logger
	node    string
	pool    *pgxpool.Pool
	shards  int
	writer  places
	readers places
	refusal atomic.Pointer[error]
	keeper  *block.Keeper

	// Changed by whoever has the writer's place.
	committed atomic.Int64 // the last commit number that was acknowledged
	inDoubt   atomic.Bool  // the last COMMIT had no answer, and the server may still be at work on it
	mark      *mark.Mark   // nil once it is closed
}

var _ store.Store = (*Store)(nil)

// Open opens the store in a database, or makes a new one there. It returns
// ErrUnsafe, schema.ErrNewer or mark.ErrBehind where one of them is the reason
// that it does not, and store.ErrUnavailable if it may be another time.
func Open(ctx context.Context, cfg Config, log *slog.Logger) (*Store, error) {
	pc, err := poolConfig(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("read the URL of the database: %w", err) // without the password
	}
	s := &Store{log: log, node: cfg.Node, writer: make(places, 1), readers: make(places, readersCount)}
	s.keeper = block.NewKeeper(blocks{s}, block.Size, log)
	pc.AfterConnect = s.checkSession
	if err := s.open(ctx, cfg, pc); err != nil {
		if s.pool != nil {
			s.pool.Close()
		}
		if s.mark != nil {
			err = errors.Join(err, s.mark.Close())
		}
		return nil, fmt.Errorf("open database %s on %s: %w", pc.ConnConfig.Database, pc.ConnConfig.Host, classify(err))
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, cfg Config, pc *pgxpool.Config) (err error) {
	if s.mark, err = mark.Open(cfg.MarkFile); err != nil {
		return err
	}
	if s.pool, err = pgxpool.NewWithConfig(ctx, pc); err != nil {
		return err
	}
	if err := s.pool.Ping(ctx); err != nil { // the first to see whether the server is fit
		return err
	}
	if err := migrate(ctx, pc.ConnConfig, s.log); err != nil {
		return err
	}
	if err := s.register(ctx, cfg.AcceptDataLoss); err != nil {
		return err
	}
	return s.pool.QueryRow(ctx, "SELECT count(*) FROM leases").Scan(&s.shards)
}

// register makes the node known and refuses a database that has lost commits
// which this node has acknowledged.
func (s *Store) register(ctx context.Context, accept bool) error {
	if _, err := s.pool.Exec(ctx, "INSERT INTO nodes (node, commit_number) VALUES ($1, 0) ON CONFLICT DO NOTHING", s.node); err != nil {
		return err
	}
	number, err := commitNumber(ctx, s.pool, s.node)
	if err != nil {
		return err
	}
	s.committed.Store(number)
	err = s.mark.Check(number)
	if err == nil || !accept {
		return err
	}
	s.log.Warn("accepting the loss of acknowledged commits", "error", err)
	return s.mark.Write(number)
}

// commitNumber returns how many transactions a node has committed: none if the
// database does not know it, or has no tables.
func commitNumber(ctx context.Context, c interface {
	QueryRow(ctx context.Context, text string, args ...any) pgx.Row
}, node string) (number int64, err error) {
	err = c.QueryRow(ctx, "SELECT coalesce((SELECT commit_number FROM nodes WHERE node = $1), 0)", node).Scan(&number)
	if hasCode(err, undefinedTable) {
		return 0, nil
	}
	return number, err
}

// compare refuses a database that has not committed what was acknowledged, now
// and from now on.
func (s *Store) compare(number, acknowledged int64) error {
	if number >= acknowledged {
		return nil
	}
	err := fmt.Errorf("%w: %w: it holds commits up to %d, of %d", store.ErrStopped, mark.ErrBehind, number, acknowledged)
	s.refuse(err)
	return err
}

// Run writes down which commits have been acknowledged, soon after, and keeps the
// blocks in order, until ctx ends. Without it only Close writes that down, and
// lists of many executions are slow.
func (s *Store) Run(ctx context.Context) error {
	var keeping sync.WaitGroup
	defer keeping.Wait()
	keeping.Go(func() { s.keeper.Run(ctx) })
	s.mark.Run(ctx, s.log)
	return nil
}

// Close waits for the calls under way, and gives up the connections. Later calls
// are refused.
func (s *Store) Close() error {
	s.refuse(errClosed)
	s.writer <- struct{}{}
	defer s.writer.leave()
	if s.mark == nil {
		return nil
	}
	s.pool.Close()
	err := errors.Join(s.mark.Write(s.committed.Load()), s.mark.Close())
	s.mark = nil
	return err
}

// refuse makes every later call return the error. The first reason stays.
func (s *Store) refuse(err error) { s.refusal.CompareAndSwap(nil, &err) }

// refused returns the reason for which calls are refused, or nil.
func (s *Store) refused() error {
	if reason := s.refusal.Load(); reason != nil {
		return *reason
	}
	return nil
}
