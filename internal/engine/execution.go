package engine

import (
	"errors"
	"fmt"

	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/store"
	"heddle/internal/urn"
)

// Execution is one execution as its owner drives it: what its journal says, and
// which work is in hand for it. Its methods decide and do not act. They wait
// for nothing, look at no clock and start no goroutine, so that the engine and
// a simulation drive the same code. A turn is driven like this:
//
//	Load    unless it is loaded: fold the journal
//	Decide  draft the turn that follows from the inputs; the caller commits it
//	Settle  learn the outcome, and say what the caller does next
//
// The first turn comes from Conceive and ends with Begun.
type Execution struct {
	Key store.Key
	URN urn.Execution // once it has been loaded

	graph *Graph // nil until loaded
	progress
	calls []Attempt      // begun, and neither settled nor cut off
	nap   journal.Millis // the moment at which it is woken beside its calls; 0 for none
}

// progress is the part of an execution that a turn changes.
type progress struct {
	head    store.Head
	machine machine.Execution
	codec   journal.Codec
}

// Draft is a turn that is decided and not yet committed.
type Draft struct {
	Turn store.Turn // the caller adds the lease
	next progress
}

// Empty reports whether nothing follows, and so nothing is to be committed.
func (d Draft) Empty() bool { return len(d.Turn.Records) == 0 }

// Loaded reports whether the execution is known as the store had it.
func (x *Execution) Loaded() bool { return x.graph != nil }

// Idle reports whether nothing is in hand, so that the execution may leave
// memory: the store knows when it is due.
func (x *Execution) Idle() bool { return len(x.calls) == 0 && x.nap == 0 }

// Load folds what the store has of the execution.
func (x *Execution) Load(g *Graph, head store.Head, rows [][]byte) error {
	x.URN = g.urnOf(head) // also for the log, if what follows fails
	p := progress{head: head}
	for _, row := range rows {
		records, err := p.codec.Decode(row)
		if err != nil {
			return fmt.Errorf("load: %w", err)
		}
		p.machine = p.machine.Apply(records...)
	}
	if p.machine.Seq != head.Seq {
		return fmt.Errorf("load: the journal has %d records, and the head says %d", p.machine.Seq, head.Seq)
	}
	x.graph, x.progress = g, p
	return nil
}

// Decide drafts the turn that follows from inputs. It returns ErrEnded if
// nothing can follow any more.
func (x *Execution) Decide(at journal.Millis, inputs ...machine.Input) (Draft, error) {
	d := x.progress.decide(x.graph.Machine, at, inputs)
	if d.Empty() && x.machine.Ended() {
		return d, ErrEnded
	}
	return d, nil
}

func (p progress) decide(m machine.Machine, at journal.Millis, inputs []machine.Input) Draft {
	var records []journal.Record
	next := p
	for _, in := range inputs {
		var more []journal.Record
		next.machine, more = m.Decide(next.machine, at, in)
		records = append(records, more...)
	}
	if len(records) == 0 {
		return Draft{next: p}
	}
	turn := store.Turn{After: p.machine.Seq, Records: next.codec.Encode(nil, records)}
	next.head.Seq = next.machine.Seq
	next.head.Status = next.machine.Status
	next.head.Wake = wakeOf(m, next.machine)
	if next.machine.Ended() {
		next.head.StoppedAt = at
	}
	turn.Head = next.head
	return Draft{Turn: turn, next: next}
}

// wakeOf returns when an owner must look at the execution: now if calls are
// awaited or it is ready to go on, since nobody else remembers that.
func wakeOf(m machine.Machine, x machine.Execution) store.Wake {
	o := m.Outstanding(x)
	switch {
	case len(o.Calls) > 0 || o.Ready:
		return store.Now
	case o.Wake != 0:
		return store.Wake(o.Wake)
	default:
		return store.Never
	}
}

// Next says what comes after a turn.
type Next int

// What comes after a turn.
const (
	Rest   Next = iota // nothing: the messages are dealt with
	Reload             // the messages again, at once: the execution was not as it was believed to be
	Retry              // the messages that nobody waits for again, after a pause: the store is unavailable
	Look               // the same, or else a Tick: it is not known what is stored
	Aside              // nothing until the next start: the execution cannot be run
	Halt               // nothing by this owner, who must not go on: the store is another's, or has stopped
)

// Aftermath is what a turn has come to.
type Aftermath struct {
	Next Next
	Err  error // for those who wait for the turn
	Work Work
}

// Settle ends a turn, given the error of loading, deciding or committing it.
// While draining no calls are begun, and no naps: there is time for both after
// the next start.
func (x *Execution) Settle(d Draft, err error, draining bool) Aftermath {
	switch {
	case err == nil:
		x.progress = d.next
		return Aftermath{Err: x.stopped(), Work: x.work(draining)}
	case errors.Is(err, store.ErrStale):
		// It moved on under another's hand, or under ours by a commit whose
		// outcome we did not learn.
		x.graph = nil
		return Aftermath{Next: Reload}
	case errors.Is(err, store.ErrUnavailable):
		return Aftermath{Next: Retry, Err: err}
	case MustStop(err):
		return Aftermath{Next: Halt, Err: err, Work: x.drop()}
	case errors.Is(err, store.ErrOutcomeUnknown):
		// The journal will say whether the turn is there, and the machine what
		// the inputs come to then: nothing, if they are recorded. Calls in flight
		// go on, so that those that are awaited still are not made twice.
		x.graph = nil
		return Aftermath{Next: Look, Err: err}
	case errors.Is(err, store.ErrNotFound): // its graph has been deleted, or its start was not stored
		return Aftermath{Err: err, Work: x.drop()}
	case errors.Is(err, ErrEnded):
		return Aftermath{Err: err, Work: x.work(draining)} // it may have been loaded anew, and calls be in flight
	default:
		return Aftermath{Next: Aside, Err: err, Work: x.drop()}
	}
}

// stopped is the answer to a stop that was part of a turn: an execution that
// came to its end by another input of the same turn was not stopped.
func (x *Execution) stopped() error {
	if x.machine.Status != journal.Aborted {
		return ErrEnded
	}
	return nil
}

// drop forgets the execution. It is still in the store, and loaded again when
// it is needed.
func (x *Execution) drop() Work {
	w := Work{CutOff: x.calls, EndNap: x.nap != 0}
	x.graph, x.calls, x.nap = nil, nil, 0
	return w
}

// MustStop reports whether whoever meets an error may not write on.
func MustStop(err error) bool {
	return errors.Is(err, store.ErrStopped) || errors.Is(err, store.ErrFenced)
}
