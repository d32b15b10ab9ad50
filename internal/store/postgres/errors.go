package postgres

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"heddle/internal/store"
)

var (
	// errClosed answers calls after Close.
	errClosed = errors.New("the store is closed")
	// errUnconnected says that there was no connection, or none that is fit.
	errUnconnected = errors.New("there is no connection to the database")
	// errLost is the end of a connection before COMMIT was sent.
	errLost = errors.New("the connection to the database was lost")
	// errRaced says that another node wrote what a transaction had read as absent.
	errRaced = errors.New("another node was faster")
)

// SQLSTATEs, and classes of them, after which a call may succeed another time.
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	undefinedTable       = "42P01"
)

var (
	passingClasses = []string{
		"08", // connection exception
		"53", // insufficient resources: too many connections, disk full
		"40", // transaction rollback: serialization failure, deadlock
		"57", // operator intervention: statement_timeout, shutdown, crash, start, a terminated backend
		"58", // system error: the server's disk, not what was asked
	}
	passingCodes = []string{
		"55P03", // lock not available: lock_timeout
		"25P03", // idle in transaction session timeout
		"25006", // read-only transaction: the server has become a standby
	}
)

// repeatable reports whether a transaction that failed before COMMIT may well
// succeed if it is repeated at once.
func repeatable(err error) bool {
	switch {
	case errors.Is(err, store.ErrOutcomeUnknown):
		return false
	case errors.Is(err, errLost), errors.Is(err, errRaced):
		return true
	}
	return hasRolledBack(err)
}

// hasRolledBack reports whether an error is the server's word that a transaction
// has been rolled back, in the place of another one. That counts for a COMMIT too.
func hasRolledBack(err error) bool {
	return hasCode(err, serializationFailure) || hasCode(err, deadlockDetected)
}

// hasCode reports whether an error is the server's, with that SQLSTATE.
func hasCode(err error, code string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == code
}

// classify adds to an error what it means for the caller. It is for errors after
// which nothing has been changed, and leaves others alone.
func classify(err error) error {
	var e *pgconn.PgError
	var unconnected *pgconn.ConnectError
	var passing bool
	switch {
	case errors.Is(err, store.ErrOutcomeUnknown):
	case errors.Is(err, errUnconnected), errors.Is(err, errLost), errors.Is(err, errRaced), errors.As(err, &unconnected):
		passing = true
	case errors.As(err, &e):
		passing = slices.Contains(passingClasses, e.Code[:2]) || slices.Contains(passingCodes, e.Code)
	}
	if passing {
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return err
}
