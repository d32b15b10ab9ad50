package simulation_test

import (
	"math"

	"heddle/internal/alarm"
	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/store"
)

// takeUp wakes what was in hand.
func (n *node) takeUp() {
	if err := n.wakeAll(nil, store.Now); err != nil {
		n.later(1_000, n.takeUp)
	}
}

// look wakes what is due, and sets the alarm for what will be.
func (n *node) look() {
	if n.draining {
		return
	}
	n.alarm = math.MaxInt64
	after := engine.AfterHand()
	err := n.wakeAll(&after, store.Wake(n.clock()))
	next := store.Never
	if err == nil {
		next, err = n.sim.store.NextWake(background, n.lease.Shard, store.Now)
	}
	if n.sim.mutant == timerForgotten {
		next = store.Never
	}
	n.setAlarm(engine.NextLook(n.clock(), next, err, false))
}

// wakeAll brings a tick to what is due, a few at a time.
func (n *node) wakeAll(after *store.Due, until store.Wake) error {
	const limit = 3
	for {
		if n.sim.away() {
			return store.ErrUnavailable
		}
		page, err := n.sim.store.Due(background, n.lease.Shard, until, after, limit)
		if err != nil {
			return err
		}
		for _, due := range page {
			if n.sim.mutant == timerForgotten && due.Wake > store.Now && !n.known[due.Key] {
				continue
			}
			n.post(due.Key, engine.Message{Input: machine.Tick{}})
		}
		if len(page) < limit {
			return nil
		}
		after = &page[len(page)-1]
	}
}

// setAlarm makes the node look at a moment of its clock, unless it looks
// before. Turns that are under way then may keep due what it finds, so it does
// not look again at once.
func (n *node) setAlarm(at journal.Millis) {
	if at >= n.alarm {
		return
	}
	n.alarm = at
	n.bell++
	bell := n.bell
	n.later(max(journal.Millis(alarm.SleepFor(n.clock(), at).Milliseconds()), 10), func() {
		if bell == n.bell {
			n.look()
		}
	})
}
