package engine

import (
	"errors"
	"fmt"
	"sync/atomic"

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

	stored atomic.Bool // it is known to be in the store; read by starts that meet it, too
	graph  *Graph      // nil until loaded
	progress
	calls []Attempt      // begun, and neither settled nor cut off
	nap   journal.Millis // the moment at which it is woken beside its calls; 0 for none

	askers map[string]asker        // by the ids of their events
	found  []journal.EventAnswered // for them, when the execution was loaded anew
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

	refused []error                 // for each input why it came to nothing; nil if all are well
	answers []journal.EventAnswered // among the records
}

// Empty reports whether nothing follows, and so nothing is to be committed.
func (d Draft) Empty() bool { return len(d.Turn.Records) == 0 }

// Loaded reports whether the execution is known as the store had it.
func (x *Execution) Loaded() bool { return x.graph != nil }

// Idle reports whether nothing is in hand, so that the execution may leave
// memory: the store knows when it is due, and what it waits for.
func (x *Execution) Idle() bool {
	if len(x.calls) > 0 || x.nap != 0 {
		return false
	}
	x.forgetGone()
	return len(x.askers) == 0
}

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
		x.lookForAnswers(records)
	}
	if p.machine.Seq != head.Seq {
		return fmt.Errorf("load: the journal has %d records, and the head says %d", p.machine.Seq, head.Seq)
	}
	x.graph, x.progress = g, p
	x.stored.Store(true)
	return nil
}

// lookForAnswers keeps the answers for those who wait. They stand in a turn of
// which it was not known whether it is stored.
func (x *Execution) lookForAnswers(records []journal.Record) {
	if len(x.askers) == 0 {
		return
	}
	for _, r := range records {
		if r, ok := r.(journal.EventAnswered); ok {
			x.found = append(x.found, r)
		}
	}
}

// Decide drafts the turn that follows from inputs.
func (x *Execution) Decide(at journal.Millis, inputs ...machine.Input) Draft {
	return x.progress.decide(x.graph, at, inputs)
}

func (p progress) decide(g *Graph, at journal.Millis, inputs []machine.Input) Draft {
	var records []journal.Record
	d := Draft{next: p}
	for i, in := range inputs {
		if err := refusal(g.Machine, p.machine, d.next.machine, at, in); err != nil {
			if d.refused == nil {
				d.refused = make([]error, len(inputs))
			}
			d.refused[i] = err
		}
		var more []journal.Record
		d.next.machine, more = g.Machine.Decide(d.next.machine, at, in)
		records = append(records, more...)
	}
	if len(records) == 0 {
		d.next = p
		return d
	}
	next := &d.next
	d.Turn = store.Turn{After: p.machine.Seq, Records: next.codec.Encode(nil, records)}
	o := g.Machine.Outstanding(next.machine)
	next.head.Seq = next.machine.Seq
	next.head.Status = next.machine.Status
	next.head.Wake = wakeOf(o)
	if next.machine.Ended() {
		next.head.StoppedAt = at
	}
	d.Turn.Head = next.head
	if g.Machine.Definition.HasEvents() {
		d.Turn.Waits = g.changed(p.machine, next.machine, o)
		d.answers = answersAmong(records)
	}
	return d
}

// refusal returns why an input to an execution, which the turn has found in
// another state, comes to nothing and its sender is told so; or nil.
func refusal(m machine.Machine, found, x machine.Execution, at journal.Millis, in machine.Input) error {
	switch in := in.(type) {
	case machine.Stop:
		if x.Ended() && (found.Ended() || x.Status != journal.Aborted) {
			return ErrEnded // by itself: it was not stopped
		}
	case machine.Answer:
		if !x.Awaits(in.Visit, in.Branch, in.Attempt) {
			return ErrNotAwaited
		}
	case machine.Arrival:
		if in.Direct {
			return m.Admit(x, at, in.Trigger)
		}
	}
	return nil
}

func answersAmong(records []journal.Record) (answers []journal.EventAnswered) {
	for _, r := range records {
		if r, ok := r.(journal.EventAnswered); ok {
			answers = append(answers, r)
		}
	}
	return answers
}

// wakeOf returns when an owner must look at an execution: now if calls are
// awaited or it is ready to go on, since nobody else remembers that.
func wakeOf(o machine.Outstanding) store.Wake {
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

	refused []error // as in the draft
	answers []journal.EventAnswered
}

// Settle ends a turn, given the error of loading, deciding or committing it.
// While draining no calls are begun, and no naps: there is time for both after
// the next start.
func (x *Execution) Settle(d Draft, err error, draining bool) Aftermath {
	switch {
	case err == nil:
		x.progress = d.next
		a := Aftermath{Work: x.work(draining), refused: d.refused, answers: append(x.found, d.answers...)}
		x.found = nil
		return a
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
	default:
		return Aftermath{Next: Aside, Err: err, Work: x.drop()}
	}
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
