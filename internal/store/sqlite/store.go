// Package sqlite keeps a store in an SQLite database: one data directory, one
// process, one shard.
//
// One connection writes, in short transactions that follow each other; several
// read, each transaction from its own snapshot. The journal mode is WAL with
// synchronous=FULL, so a COMMIT that returns is on the disk. A COMMIT that
// fails, but for want of space, leaves open what happened: it is
// store.ErrOutcomeUnknown and store.ErrStopped. The store then refuses every call,
// and the process must end and start from the disk.
//
// docs/storage.md has the tables and the files. The package knows nothing of
// what records mean, and takes no time from SQL.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	_ "modernc.org/sqlite" // registers the driver

	"heddle/internal/store"
	"heddle/internal/store/block"
	"heddle/internal/store/mark"
)

// readersCount connections read at the same time. Reads are short and the
// machine's cores few; more would only cost cache.
const readersCount = 4

// Config says where a store is and on what condition it is opened.
type Config struct {
	// Dir is the data directory. It is created, with mode 0700, if it is missing.
	Dir string
	// AcceptDataLoss opens a database that is behind what was acknowledged, and
	// counts from what is there.
	AcceptDataLoss bool
}

// Store is an open data directory. Its methods may be called from any goroutine.
type Store struct {
	dir     string
	log     *slog.Logger
	writer  chan *conn // has the one connection that writes while nobody uses it
	readers chan *conn // has the connections that read while nobody uses them
	refusal atomic.Pointer[error]
	keeper  *block.Keeper

	// Owned by whoever holds the writer.
	committed int64 // the commit number in the database
	mark      *mark.Mark
	known     known
	closers   []func() error // what Close does, last first; nil once it is done
}

var _ store.Store = (*Store)(nil)

// Open opens the store in a data directory, or makes a new one there. It
// returns ErrLocked, ErrCorrupt, schema.ErrNewer or mark.ErrBehind where one of
// them is the reason that it does not.
func Open(ctx context.Context, cfg Config, log *slog.Logger) (*Store, error) {
	s := &Store{
		dir:     cfg.Dir,
		log:     log,
		writer:  make(chan *conn, 1),
		readers: make(chan *conn, readersCount),
	}
	s.keeper = block.NewKeeper(blocks{s}, block.Size, log)
	s.known.forget()
	if err := s.open(ctx, cfg); err != nil {
		return nil, errors.Join(fmt.Errorf("open data directory %s: %w", cfg.Dir, classify(err)), s.release())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, cfg Config) error {
	dir, err := openDirectory(cfg.Dir)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, dir.unlock)
	if s.mark, err = mark.Open(dir.mark); err != nil {
		return err
	}
	s.closers = append(s.closers, s.mark.Close)

	if err := sealDatabase(dir.database); err != nil {
		return err
	}
	writing, err := s.connect(ctx, dir.database, writerPragmas, s.writer)
	if err != nil {
		return err
	}
	if err := checkEngine(ctx, writing); err != nil {
		return err
	}
	if err := migrate(ctx, writing, s.log); err != nil {
		return err
	}
	if err := s.checkMark(ctx, writing, cfg.AcceptDataLoss); err != nil {
		return err
	}
	if err := dir.sync(); err != nil {
		return err
	}
	if err := s.fill(ctx, writing, s.writer); err != nil {
		return err
	}
	reading, err := s.connect(ctx, dir.database, readerPragmas, s.readers)
	if err != nil {
		return err
	}
	return s.fill(ctx, reading, s.readers)
}

// connect opens the database for as many connections as the pool takes.
func (s *Store) connect(ctx context.Context, path, pragmas string, pool chan *conn) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dataSource(path, pragmas))
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, db.Close)
	db.SetMaxOpenConns(cap(pool))
	db.SetMaxIdleConns(cap(pool))
	return db, db.PingContext(ctx)
}

// fill takes all connections of the database for the pool.
func (s *Store) fill(ctx context.Context, db *sql.DB, pool chan *conn) error {
	for range cap(pool) {
		c, err := newConn(ctx, db)
		if err != nil {
			return err
		}
		s.closers = append(s.closers, c.close)
		pool <- c
	}
	return nil
}

// checkMark refuses a database that has lost acknowledged commits.
func (s *Store) checkMark(ctx context.Context, db *sql.DB, accept bool) error {
	if err := db.QueryRowContext(ctx, "SELECT commit_number FROM meta").Scan(&s.committed); err != nil {
		return err
	}
	err := s.mark.Check(s.committed)
	if err == nil || !accept {
		return err
	}
	s.log.Warn("accepting the loss of acknowledged commits", "error", err)
	return s.mark.Write(s.committed)
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

// Close waits for the calls under way, and gives up the data directory. Later
// calls are refused.
func (s *Store) Close() error {
	s.refuse(errClosed)
	w := <-s.writer
	defer func() { s.writer <- w }()
	if s.closers == nil {
		return nil
	}
	for range readersCount {
		r := <-s.readers
		defer func() { s.readers <- r }()
	}
	return errors.Join(s.mark.Write(s.committed), s.release())
}

// release undoes what open has done so far, the last first: so the connection
// that writes outlives those that read, and moves the write-ahead log into the
// database.
func (s *Store) release() error {
	var errs []error
	for len(s.closers) > 0 {
		last := len(s.closers) - 1
		errs = append(errs, s.closers[last]())
		s.closers = s.closers[:last]
	}
	s.closers = nil
	return errors.Join(errs...)
}
