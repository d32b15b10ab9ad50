package simulation_test

import (
	"errors"
	"strconv"

	"heddle/internal/engine"
	"heddle/internal/machine"
	"heddle/internal/store"
)

// nameLifetime is how long an arrival that is sent again counts as the same.
const nameLifetime = 24 * 60 * 60_000

// accept stores an arrival, and sets the lanes of its triggers to work.
func (n *node) accept(a *arrival, reply func(error)) {
	if n.draining {
		reply(engine.ErrDraining)
		return
	}
	row := a.Arrival
	if n.sim.mutant == namesForgotten && n.lease.Epoch > 1 {
		row.ID = ""
	}
	n.write(func() {
		at := n.clock()
		fresh, err := n.sim.store.Accept(background, []store.Arrival{row}, at, at+nameLifetime)
		if err != nil {
			panic(err)
		}
		if fresh[0] {
			n.sim.ghost.accepted(a)
		}
	}, func(err error) {
		for _, e := range a.Events { // they may be there, whatever it says
			n.kick(e.Trigger)
		}
		reply(err)
	})
}

// lookForEvents sets all lanes to work, now and every five minutes.
func (n *node) lookForEvents() {
	for _, t := range n.sim.world.triggers {
		n.kick(t.ID)
	}
	n.later(5*60_000, n.lookForEvents)
}

// write brings something that is no turn to the store. It has the fate of a
// commit.
func (n *node) write(do func(), done func(error)) {
	s := n.sim
	n.later(s.between(1, 5), func() {
		fate := s.fate()
		if s.late != nil && fate != crashBeforeCommit {
			fate = commitRefused
		}
		var err error
		switch fate {
		case crashBeforeCommit:
			n.die()
			return
		case crashAfterCommit:
			do()
			n.die()
			return
		case commitRefused:
			err = store.ErrUnavailable
		case commitLost:
			err = s.unknown()
		case commitUnanswered, commitLate:
			do()
			err = s.unknown()
		case commitTwice:
			do()
			do()
		case takeover:
			s.boot()
			do()
		default:
			do()
		}
		n.later(s.between(0, 3), func() {
			done(err)
			if engine.MustStop(err) {
				n.die()
			}
		})
	})
}

// kick sees to it that a trigger's lane looks for events.
func (n *node) kick(trigger store.TriggerID) {
	if working, there := n.lanes[trigger]; there && working {
		n.more[trigger] = true
		return
	}
	n.lanes[trigger] = true
	n.later(n.sim.between(0, 3), func() { n.handOn(trigger) })
}

// handOn hands on a page of a trigger's events: to those who wait, to those who
// are started, and then away with it.
func (n *node) handOn(trigger store.TriggerID) {
	const page = 2
	s := n.sim
	again := func() { n.later(s.between(50, 2_000), func() { n.handOn(trigger) }) }
	if n.draining {
		return
	}
	if s.away() {
		again()
		return
	}
	events, err := s.store.Events(background, trigger, 0, page)
	if err != nil {
		panic(err)
	}
	if len(events) == 0 {
		n.lanes[trigger] = n.more[trigger]
		if n.more[trigger] {
			n.more[trigger] = false
			again()
		}
		return
	}
	discard := func() {
		upTo := events[len(events)-1].Number
		n.write(func() {
			s.ghost.discarded(trigger, upTo)
			if err := s.store.Discard(background, trigger, upTo); err != nil {
				panic(err)
			}
		}, func(error) { again() })
	}
	if s.mutant == discardedTooEarly {
		discard()
		discard = func() {}
	}
	n.deliver(trigger, events, func(err error) {
		if err != nil {
			again()
			return
		}
		n.startMapped(trigger, events, func(err error) {
			if err != nil {
				again()
				return
			}
			discard()
		})
	})
}

// deliver brings events to all who wait for them.
func (n *node) deliver(trigger store.TriggerID, events []store.Event, done func(error)) {
	const page = 3
	s := n.sim
	t := n.triggerOf(trigger)
	all := newGathering(done)
	var after *store.Waiter
	for {
		if s.away() {
			all.add()(store.ErrUnavailable)
			break
		}
		waiters, err := s.store.Waiters(background, trigger, after, page)
		if err != nil {
			panic(err)
		}
		for _, w := range waiters {
			for i, e := range events {
				if int64(e.Number) <= w.Since && s.mutant != sinceForgotten {
					continue
				}
				in := machine.Arrival{Trigger: t.URN, ID: strconv.FormatInt(int64(e.Number), 10), Number: uint64(e.Number), Payload: e.Payload}
				if s.mutant == deliveredTwice {
					in.Number = uint64(s.now) // of the delivery
				}
				taken := all.add()
				n.post(w.Key, engine.Message{Input: in, Reply: func(r engine.Reply) {
					if errors.Is(r.Err, store.ErrNotFound) {
						r.Err = nil
					}
					taken(r.Err)
				}})
				if i == 0 && s.mutant == firstOnly {
					break
				}
			}
		}
		if len(waiters) < page || s.mutant == firstPageOnly {
			break
		}
		after = &waiters[len(waiters)-1]
	}
	all.end()
}

// startMapped starts an execution for each event of the trigger that is mapped.
func (n *node) startMapped(trigger store.TriggerID, events []store.Event, done func(error)) {
	s := n.sim
	all := newGathering(done)
	if trigger == s.world.mapped.ID {
		for _, e := range events {
			started := all.add()
			event := e
			n.start(engine.StartRequest{Project: "p1", Graph: "mapped", Input: e.Payload, Event: &event}, false, func(_ engine.Started, err error) {
				started(err)
			})
		}
	}
	all.end()
}

func (n *node) triggerOf(id store.TriggerID) store.Trigger {
	for _, t := range n.sim.world.triggers {
		if t.ID == id {
			return t
		}
	}
	panic("no such trigger")
}

// gathering waits for many things, and then tells the first error.
type gathering struct {
	open  int
	ended bool
	err   error
	done  func(error)
}

func newGathering(done func(error)) *gathering { return &gathering{done: done} }

// add returns what is to be called when one more thing is done.
func (g *gathering) add() func(error) {
	g.open++
	return func(err error) {
		if g.err == nil {
			g.err = err
		}
		g.open--
		g.tell()
	}
}

// end says that nothing more is added.
func (g *gathering) end() {
	g.ended = true
	g.tell()
}

func (g *gathering) tell() {
	if g.ended && g.open == 0 {
		g.ended = false
		g.done(g.err)
	}
}
