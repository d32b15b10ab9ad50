package simulation_test

import (
	"errors"
	"fmt"
	"slices"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// pending is a turn on its way to the disk.
type pending struct {
	turn    store.Turn
	start   bool
	awaited bool // by the sender of a message
	done    func(store.Outcome)
}

const groupMax = 16

// commit queues a turn. What carries on comes before what starts.
func (n *node) commit(p pending) {
	n.sim.ghost.submitted(p.turn)
	n.queue = append(n.queue, p)
	n.flushSoon()
}

func (n *node) flushSoon() {
	if !n.committing && len(n.queue) > 0 {
		n.committing = true
		n.later(n.sim.between(1, 5), n.flush)
	}
}

// flush commits what has queued up: one group, with one fate.
func (n *node) flush() {
	s := n.sim
	slices.SortStableFunc(n.queue, func(a, b pending) int {
		switch {
		case a.start == b.start:
			return 0
		case a.start:
			return 1
		}
		return -1
	})
	size := min(len(n.queue), groupMax)
	group := slices.Clone(n.queue[:size])
	n.queue = slices.Clone(n.queue[size:])

	var err error
	var outcomes []store.Outcome
	fate := s.fate()
	if s.late != nil && fate != crashBeforeCommit {
		fate = commitRefused // until the commit before is settled
	}
	switch fate {
	case crashBeforeCommit:
		n.die()
		return
	case crashAfterCommit:
		s.apply(group)
		n.die()
		return
	case commitRefused:
		err = store.ErrUnavailable
	case commitLost:
		err = s.unknown()
	case commitUnanswered:
		s.apply(group)
		err = s.unknown()
	case commitLate:
		s.applyLate(group)
		err = s.unknown()
	case commitTwice:
		outcomes = s.apply(group)
		for i, again := range s.apply(group) {
			// A turn may find what it has written itself. A start, a stop and a
			// message would be answered wrongly, so a store must not let them.
			if !group[i].start && !group[i].awaited && group[i].turn.Head.Status == journal.Running {
				outcomes[i] = again
			}
		}
	case takeover:
		s.boot()
		outcomes = s.apply(group)
	case pause:
		n.standing = s.now + 10_000
		s.later(s.between(0, 15_000), func() {
			if s.node == n {
				s.boot()
			}
		})
		n.later(0, func() { n.answer(group, s.apply(group), nil) })
		return
	default:
		outcomes = s.apply(group)
	}
	n.later(s.between(0, 3), func() { n.answer(group, outcomes, err) })
}

// unknown is the error of a commit whose outcome is unknown.
func (s *simulation) unknown() error {
	if s.kind == stops {
		return fmt.Errorf("%w: %w", store.ErrOutcomeUnknown, store.ErrStopped)
	}
	return store.ErrOutcomeUnknown
}

// applyLate stores a group some time later. A store that goes on refuses
// everything until then.
func (s *simulation) applyLate(group []pending) {
	if s.kind == stops {
		s.later(s.between(1, 10_000), func() { s.apply(group) })
		return
	}
	s.late = group
	s.later(s.between(1, 10_000), s.settle)
}

// settle brings to the store what is on its way there.
func (s *simulation) settle() {
	if group := s.late; group != nil {
		s.late = nil
		s.apply(group)
	}
}

// away reports whether the store refuses to be read.
func (s *simulation) away() bool {
	return s.fails(readRefused) || s.late != nil && s.mutant != lookTooEarly
}

// answer tells each turn of a group what has become of it.
func (n *node) answer(group []pending, outcomes []store.Outcome, err error) {
	n.committing = false
	if n.sim.mutant == doubtTakenForRefusal && errors.Is(err, store.ErrOutcomeUnknown) {
		err = store.ErrUnavailable
	}
	for i, p := range group {
		if n.dead {
			return
		}
		o := store.Outcome{Err: err}
		if err == nil {
			o = outcomes[i]
		}
		if o.Err == nil {
			n.known[p.turn.Head.Key] = true
		}
		p.done(o)
	}
	n.flushSoon()
}

// apply stores a group, and looks at what it has changed.
func (s *simulation) apply(group []pending) []store.Outcome {
	turns := make([]store.Turn, len(group))
	for i, p := range group {
		turns[i] = p.turn
	}
	outcomes := s.mutant.commit(s, turns)
	for i, o := range outcomes {
		s.record("turn of %s to %d, wake %d: %v", turns[i].Head.Name, turns[i].Head.Seq, turns[i].Head.Wake, o.Err)
		if o.Err == nil {
			s.ghost.committed(turns[i])
		}
	}
	return outcomes
}
