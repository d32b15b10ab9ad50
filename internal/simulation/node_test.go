package simulation_test

import (
	"context"
	"math"

	"heddle/internal/journal"
	"heddle/internal/store"
)

var background = context.Background()

// node is a process: it moves messages as the engine's goroutines do. What it
// has is gone when it dies.
type node struct {
	sim       *simulation
	lease     store.Lease
	dead      bool
	draining  bool
	standing  journal.Millis // until then it stands still
	skew      journal.Millis // of its clock
	residents map[store.Key]*resident
	known     map[store.Key]bool // what it has committed; for a mutant

	queue      []pending
	committing bool

	lanes map[store.TriggerID]bool // those that have something to do
	more  map[store.TriggerID]bool // those for which something has come since they looked

	alarm journal.Millis
	bell  int // numbers the alarms, so that only the last one rings

	timerAlarm journal.Millis // likewise, of the timers
	timerBell  int
}

// boot starts a node, which takes the shard and what is in hand.
func (s *simulation) boot() {
	s.settle()
	lease, err := s.store.Acquire(background, 0, "node", -1)
	if err != nil {
		panic(err)
	}
	n := &node{sim: s, lease: lease, residents: map[store.Key]*resident{}, known: map[store.Key]bool{}, alarm: math.MaxInt64, timerAlarm: math.MaxInt64,
		lanes: map[store.TriggerID]bool{}, more: map[store.TriggerID]bool{}}
	s.node, s.ghost.epoch = n, lease.Epoch
	s.record("node %d is up", lease.Epoch)
	if s.mutant != inHandForgotten {
		n.takeUp()
	}
	n.look()
	n.fireTimers()
	n.lookForEvents()
}

// later lets something happen in this process, unless it has died by then.
func (n *node) later(d journal.Millis, do func()) {
	n.sim.later(d, func() {
		switch {
		case n.dead:
		case n.standing > n.sim.now:
			n.later(n.standing-n.sim.now, do)
		default:
			do()
		}
	})
}

// die ends the process. Another is started, unless one has taken over.
func (n *node) die() {
	if n.dead {
		return
	}
	s := n.sim
	s.record("node %d is dead", n.lease.Epoch)
	n.dead = true
	if s.node == n {
		s.node = nil
		s.later(s.between(100, 5_000), func() {
			if s.node == nil {
				s.boot()
			}
		})
	}
}

// drain stops the process in order.
func (n *node) drain() {
	n.draining = true
	n.later(5_000, n.die)
}
