package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"heddle/internal/store"
)

// committer commits turns in groups: while one transaction waits for the
// disk, the turns that come in meanwhile queue up, and the next transaction
// takes them all. There is no timer in it: a turn that comes when nothing is
// being committed is committed at once.
//
// Turns that carry running executions on come before starts: finishing what
// runs is worth more than beginning more.
type committer struct {
	store  store.Journal
	log    *slog.Logger
	doubt  func() // that the store answers
	goings chan *pending
	starts chan *pending
	begun  atomic.Pointer[time.Time] // when the commit under way began; nil if there is none
}

// pending is a turn on its way to the disk. Until it is taken, which happens
// once, it can be withdrawn, and then it is as if it had never been.
type pending struct {
	turn    store.Turn
	taken   atomic.Bool   // by the committer, or by whoever withdrew it
	begins  func()        // is called once it is taken; may be nil
	outcome store.Outcome // set before done is closed
	done    chan struct{}
}

func (p *pending) take() bool {
	if !p.taken.CompareAndSwap(false, true) {
		return false
	}
	if p.begins != nil {
		p.begins()
	}
	return true
}

// await returns when the turn is committed, or reports that it was withdrawn
// because its commit did not begin in time.
func (p *pending) await(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-p.done:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return !p.take()
}

// groupMax bounds a transaction, so that the first turn in it need not wait
// long for the last.
const groupMax = 256

func newCommitter(st store.Journal, startsMax int, doubt func(), log *slog.Logger) *committer {
	return &committer{store: st, log: log, doubt: doubt, goings: make(chan *pending, groupMax), starts: make(chan *pending, startsMax)}
}

// run commits until ctx ends. By then nobody may call start or carryOn.
func (c *committer) run(ctx context.Context) {
	group := make([]*pending, 0, groupMax)
	turns := make([]store.Turn, 0, groupMax)
	for {
		group = group[:0]
		select {
		case p := <-c.goings:
			group = join(group, p)
		case p := <-c.starts:
			group = join(group, p)
		case <-ctx.Done():
			return
		}
		group = gather(gather(group, c.goings), c.starts)
		if len(group) == 0 {
			continue
		}
		turns = turns[:0]
		for _, p := range group {
			turns = append(turns, p.turn)
		}
		outcomes, err := c.commit(turns)
		for i, p := range group {
			if err != nil {
				p.outcome = store.Outcome{Err: err}
			} else {
				p.outcome = outcomes[i]
			}
			close(p.done)
		}
	}
}

// commit stores a group. A transaction that was begun is never cut off by the
// end of a context: its outcome would be unknown for no reason.
func (c *committer) commit(turns []store.Turn) ([]store.Outcome, error) {
	begun := time.Now()
	c.begun.Store(&begun)
	defer c.begun.Store(nil)
	outcomes, err := c.store.Commit(context.Background(), turns)
	if errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrOutcomeUnknown) {
		c.doubt()
	}
	if errors.Is(err, store.ErrOutcomeUnknown) {
		c.log.Warn("the outcome of a commit is unknown", "count", len(turns), "error", err)
	}
	if err != nil {
		return nil, fmt.Errorf("commit %d turns: %w", len(turns), err)
	}
	return outcomes, nil
}

// stalledAfter is how long a commit may take before nobody should wait for the
// next one: a thousand times what it takes.
const stalledAfter = 3 * time.Second

// stalled returns store.ErrUnavailable if the commit under way has been so for
// too long.
func (c *committer) stalled() error {
	begun := c.begun.Load()
	if begun == nil || time.Since(*begun) < stalledAfter {
		return nil
	}
	return fmt.Errorf("%w: a commit has been under way for %s", store.ErrUnavailable, time.Since(*begun).Round(time.Second))
}

// gather adds what is queued to the group, as far as it fits.
func gather(group []*pending, queue chan *pending) []*pending {
	for len(group) < cap(group) {
		select {
		case p := <-queue:
			group = join(group, p)
		default:
			return group
		}
	}
	return group
}

// join adds a turn to the group, unless it has been withdrawn.
func join(group []*pending, p *pending) []*pending {
	if !p.take() {
		return group
	}
	return append(group, p)
}

// start queues the first turn of an execution, and calls begins once its commit
// begins. It returns false at once if
// the queue is full: of those that were withdrawn while the disk stood still.
func (c *committer) start(turn store.Turn, begins func()) (*pending, bool) {
	p := &pending{turn: turn, begins: begins, done: make(chan struct{})}
	select {
	case c.starts <- p:
		return p, true
	default:
		return nil, false
	}
}

// carryOn commits a further turn of an execution, however long that takes.
func (c *committer) carryOn(turn store.Turn) store.Outcome {
	p := &pending{turn: turn, done: make(chan struct{})}
	c.goings <- p
	<-p.done
	return p.outcome
}
