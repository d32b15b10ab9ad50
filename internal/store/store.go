// Package store says what persistence promises: the roles that the engine and
// the API need, the rows they exchange, and the errors they may meet. SQL and
// files are its implementations' business; what a record means is not known
// here: records are bytes.
//
// Promises that every implementation keeps, and package storetest checks:
//
//   - A method that returns nil has done the whole of what it says, and it is
//     on stable storage. One that returns an error has done nothing, unless the
//     error is ErrOutcomeUnknown.
//   - A doubt does not last: either every call that begins after an
//     ErrOutcomeUnknown sees that all of it was done, or every one sees that
//     nothing was. A call that cannot tell yet is refused with ErrUnavailable.
//     A store that can tell only when it is opened again says so by an error that
//     is ErrStopped as well.
//   - A write of an execution happens only under the lease that covers it, and
//     only if the execution is still as the writer believes. Both are checked
//     in the transaction that writes. What is deleted, or ended long ago, may be
//     removed without a lease: it is not written any more.
//   - A write that is acknowledged is seen by every later read.
//   - Every method returns soon after its context ends, with the context's
//     error wrapped, if it has not begun to commit.
package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"heddle/internal/journal"
)

// The errors on which callers branch. Anything else is a fault of the program
// or of the data, and concerns the one call that met it.
var (
	ErrNotFound       = errors.New("not found")
	ErrExists         = errors.New("exists already")
	ErrStale          = errors.New("it has moved on")                      // load it again
	ErrFenced         = errors.New("the lease has been taken over")        // stop writing
	ErrFull           = errors.New("there is no room for more")            // until some of it is worked off
	ErrUnavailable    = errors.New("the store is unavailable")             // nothing happened; back off
	ErrOutcomeUnknown = errors.New("the outcome of the commit is unknown") // it may have happened; look again
	// ErrStopped says that this and every later call is refused. Unless it is
	// ErrOutcomeUnknown too, nothing happened.
	ErrStopped = errors.New("the store takes no more calls until it is opened again")
)

// Store is everything that one open database offers.
type Store interface {
	Graphs
	Journal
	Schedule
	Leases
	Query
	Triggers
	Mappings
	Identities
	Credentials
	Functions
	FunctionVersions
	FunctionConfigs
	Invocations
	Timers
	Quotas
	Inbox
	Audit
	Waiting
	// Run does what the store has to do beside its calls, until ctx ends. The
	// calls work without it.
	Run(ctx context.Context) error
	// Close gives the store up, once Run has returned.
	Close() error
}

// GraphID names a graph inside the store. It is never used again, also not for
// a graph that gets a deleted one's name.
type GraphID int64

// Graph is a graph as stored.
type Graph struct {
	ID          GraphID
	Project     string
	Name        string
	Description string
	CreatedAt   journal.Millis
	ModifiedAt  journal.Millis // of the current revision
	Revision    int            // of the current definition, from 1
	Executions  int64          // how many there are
}

// Definition is one revision of a graph's definition.
type Definition struct {
	Text      string
	CreatedAt journal.Millis
}

// References are the URNs that a definition names, for the filters of the
// graph list.
type References struct {
	Functions []string
	Triggers  []string
}

// Graphs keeps graphs and their definitions.
type Graphs interface {
	// CreateGraph stores a graph with its first definition (revision 1). It
	// returns ErrExists if the project has a graph of that name, ErrNoTrigger if it
	// lacks a trigger that the definition names, and ErrQuota.
	CreateGraph(ctx context.Context, g Graph, text string, refs References) (GraphID, error)
	// UpdateGraph stores a new current definition, whose references replace the
	// former ones, and returns its revision. It returns ErrNoTrigger as CreateGraph
	// does, and ErrMapped if the definition names a trigger while a mapping binds
	// the graph.
	UpdateGraph(ctx context.Context, id GraphID, text string, refs References, at journal.Millis) (int, error)
	// DeleteGraph hides the graph and all its executions at once, removes its
	// timers and frees its name; Purge removes what it left. It returns ErrMapped while a mapping binds
	// the graph.
	DeleteGraph(ctx context.Context, id GraphID, at journal.Millis) error
	// Purge removes up to limit executions of deleted graphs, expired
	// idempotency keys, and deleted graphs with nothing left. It reports whether
	// there may be more.
	Purge(ctx context.Context, now journal.Millis, limit int) (more bool, err error)
	// GraphByName returns the project's graph of that name.
	GraphByName(ctx context.Context, project, name string) (Graph, error)
	// GraphByID returns a graph that is not deleted.
	GraphByID(ctx context.Context, id GraphID) (Graph, error)
	// Definition returns one revision of a graph's definition.
	Definition(ctx context.Context, id GraphID, revision int) (Definition, error)
}

// ExecutionID is the 128-bit number of an execution. Ids made later compare
// greater, so that their order is the order of starting.
type ExecutionID [16]byte

// Key names an execution inside the store.
type Key struct {
	Graph GraphID
	ID    ExecutionID
}

// Head is what must be found fast about an execution. The rest is in its journal.
type Head struct {
	Key
	Name      string
	Test      bool
	Revision  int // of the graph's definition that it runs
	Seq       journal.Seq
	Status    journal.Status
	StartedAt journal.Millis
	StoppedAt journal.Millis // 0 while it runs
	Wake      Wake
}

// Wake says when an execution needs its owner's attention.
type Wake journal.Millis

// The special values of Wake. Any value above Now is the time at which the
// execution is due.
const (
	Never Wake = -1 // it has ended, or waits for something from outside
	Now   Wake = 0  // it has work in hand: an owner that takes over must load it at once
)

// Turn is what one decision changes: records are appended to the journal of
// one execution, and its head follows. It is written as a whole or not at all.
// Name, Test, Revision and StartedAt of the head, and the shard of the lease, are
// taken from the turn that creates the execution and stay.
type Turn struct {
	Lease   Lease
	Head    Head            // the head after the turn; Head.Seq counts the new records in
	After   journal.Seq     // the last record before the turn; 0 creates the execution
	Records []byte          // the encoded records After+1 to Head.Seq
	Key     *IdempotencyKey // or nil; only with a turn that creates the execution
	Tick    *Tick           // of a timer of the graph that starts the execution, or nil
	// Waits are what the execution waits for outside from then on; nil leaves that
	// as it is. Where it has waited for a trigger's events before, it goes on to.
	Waits *Waits
}

// Check returns an error if no store could take the turn, whatever it holds.
func (t *Turn) Check() error {
	switch {
	case t.Head.Seq <= t.After || len(t.Records) == 0:
		return fmt.Errorf("a turn from record %d to %d with %d bytes has no records", t.After, t.Head.Seq, len(t.Records))
	case t.Head.Wake < Never:
		return fmt.Errorf("a turn wakes at %d", t.Head.Wake)
	case (t.Key != nil || t.Tick != nil) && t.After != 0:
		return errors.New("a turn after the first has an idempotency key or a tick")
	case !isText(t.Head.Name) || t.Key != nil && !isText(t.Key.Text):
		return errors.New("a turn has a name or an idempotency key that is no text")
	}
	return nil
}

// isText reports whether every database takes a string as text.
func isText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// IdempotencyKey makes a start happen once. It counts for one graph, and for
// starts whose StartedAt is before it expires.
type IdempotencyKey struct {
	Text    string
	Request [32]byte // hash of what was asked
	Expires journal.Millis
}

// Outcome says what became of a turn.
type Outcome struct {
	// Err is nil if the turn is stored. Else it is the first of these that holds.
	// ErrFenced: the lease is not the current one, or not that of the execution's
	// shard. ErrNotFound: the graph is deleted, or there is no such execution.
	// ErrExists: the idempotency key is used; Earlier is the start that used it.
	// ErrNotDue: the tick's timer is gone or has another revision. ErrStale: the
	// execution's last record is not After. Another error: the turn fails its Check.
	Err     error
	Earlier *Earlier
}

// Earlier is the start that used an idempotency key first.
type Earlier struct {
	Request [32]byte
	Head    Head
}

// Journal keeps the executions.
type Journal interface {
	// Commit stores many turns, of different executions, in one transaction
	// and with one wait for the disk. A turn that cannot be stored does not keep
	// the others from it: outcomes has one entry for each turn. One that begins an
	// execution may be ErrUnavailable while others are stored, where there is
	// only room for what runs already. If err is not
	// nil, no turn is stored (ErrUnavailable and others), or it is not known
	// whether they are (ErrOutcomeUnknown).
	Commit(ctx context.Context, turns []Turn) (outcomes []Outcome, err error)
	// Load returns an execution's head and its journal: the Records of its
	// turns, in order. It returns ErrNotFound if the graph is deleted.
	Load(ctx context.Context, key Key) (Head, [][]byte, error)
	// Expire is one step of a pass over old executions. It looks at up to limit
	// executions of one graph that is not deleted, in the order of their ids, and
	// removes with their journals those that ended before the given time. One
	// whose idempotency key is still there stays, so that the key goes on to
	// answer with it; Purge removes keys.
	//
	// A pass begins with from nil. next is where its next step begins, or nil if
	// it is over. It leaves a graph at the first execution that was not started
	// before the given time, so it takes steps for what is old, and one for each
	// graph.
	Expire(ctx context.Context, endedBefore journal.Millis, from *Key, limit int) (next *Key, err error)
}

// Due is an execution that needs attention.
type Due struct {
	Key
	Wake Wake
}

// Schedule finds the executions that need attention.
type Schedule interface {
	// Due returns up to limit executions of the lease's shard whose Wake is at
	// or before until, but not Never, in the order of Wake and Key, beginning
	// after the given one (nil: from the first).
	Due(ctx context.Context, shard Shard, until Wake, after *Due, limit int) ([]Due, error)
	// NextWake returns the smallest Wake above after of the shard's executions,
	// or Never.
	NextWake(ctx context.Context, shard Shard, after Wake) (Wake, error)
}

// Shard is a share of the executions that is owned as a whole. A store of one
// node has one.
type Shard int

// Epoch counts how often a shard was taken. A higher one fences the lower.
type Epoch int64

// Lease is the right to write a shard's executions.
type Lease struct {
	Shard Shard
	Epoch Epoch
}

// Leases says which node owns which shard. Times are those of the store: one
// that several nodes share asks its database for the time. A lease stays current
// until it is released or the shard is acquired again, also when its time is
// over: what has not been taken over can still be written.
type Leases interface {
	// Shards returns how many shards there are.
	Shards() int
	// Acquire takes a shard for a node until the ttl has passed. It succeeds if
	// the shard is free, its lease has run out, or the node holds it already; in
	// each case under a new epoch. Otherwise it returns ErrExists. A shard that
	// there is not is ErrNotFound.
	Acquire(ctx context.Context, shard Shard, node string, ttl time.Duration) (Lease, error)
	// Renew makes the lease last until the ttl has passed from now, or returns
	// ErrFenced.
	Renew(ctx context.Context, lease Lease, ttl time.Duration) error
	// Release gives the shard up. A lease that is not the current one is left alone.
	Release(ctx context.Context, lease Lease) error
}

// Query lists. Offsets count from 0; lists are in the order of the ids, newest
// first unless Ascending is set. Name prefixes are compared byte by byte.
type Query interface {
	// ListGraphs returns a page of a project's graphs and the number of all that match.
	ListGraphs(ctx context.Context, f GraphFilter, page Page) ([]Graph, int64, error)
	// ListExecutions returns a page of a graph's executions and the number of all
	// that match. It returns ErrNotFound if the graph is deleted.
	ListExecutions(ctx context.Context, f ExecutionFilter, page Page) ([]Head, int64, error)
}

// Page is a part of a list: by position, or after a cursor, which is the id of
// the last item of the page before.
type Page struct {
	Offset    int // 0 if there is a cursor
	Limit     int
	Ascending bool
	// The cursor of the one list or the other; nil begins at Offset.
	AfterGraph     *GraphID
	AfterExecution *ExecutionID
}

// GraphFilter chooses graphs. At most one of the fields after Project is set.
type GraphFilter struct {
	Project    string
	NamePrefix string
	Name       string
	Trigger    string
	Function   string
}

// ExecutionFilter chooses executions of one graph. At most one of the fields
// after Graph is set.
type ExecutionFilter struct {
	Graph      GraphID
	NamePrefix string
	ID         *ExecutionID
}
