package simulation_test

import "heddle/internal/journal"

// fault is a kind of thing that goes wrong.
type fault int

// The kinds of fault.
const (
	crashBeforeCommit fault = iota // the node dies, and the group is not stored
	crashAfterCommit               // the node dies, and the group is stored
	commitRefused                  // the group is not stored, and the node knows it
	commitLost                     // the group is not stored, and the node does not know it
	commitUnanswered               // the group is stored, and the node does not know it
	commitLate                     // the same, but the group comes to the store later
	commitTwice                    // the group comes to the store twice
	takeover                       // another node takes the shard before the group is stored
	pause                          // the node stands still for a while, and another takes over meanwhile
	readRefused                    // the store is unavailable for a look
	callFails                      // the function answers with a failure
	callHangs                      // the function does not answer until it is cut off
	callTwice                      // its answer comes twice
	callSlow                       // its answer comes late
	clientGivesUp                  // the client does not wait for the answer, and asks again
	crash                          // the node dies at any moment
	drain                          // the node is stopped in order
	clockJump                      // the node's clock is set
	faults                         // how many kinds there are
)

var faultNames = [faults]string{
	"crash before commit", "crash after commit", "commit refused", "commit lost", "commit unanswered",
	"commit late", "commit twice", "takeover", "pause", "read refused", "call fails", "call hangs",
	"call twice", "call slow", "client gives up", "crash", "drain", "clock jump",
}

// fate is what becomes of a commit.
type fate = fault

const stored fate = -1 // nothing goes wrong

// fates are the faults that a commit may meet.
var fates = []fate{
	crashBeforeCommit, crashAfterCommit, commitRefused, commitLost, commitUnanswered, commitLate,
	commitTwice, takeover, pause,
}

// fails draws whether a fault happens. Nothing else decides that, so that
// faults can be numbered and left out.
func (s *simulation) fails(f fault) bool {
	if s.now >= beginning+healing || s.chance.Float64() >= s.swarm[f] {
		return false
	}
	s.report.faults++
	if s.only != nil && !s.only[s.report.faults] {
		return false
	}
	s.happened[f]++
	s.record("fault %d: %s", s.report.faults, faultNames[f])
	return true
}

// fate draws what becomes of the next commit.
func (s *simulation) fate() fate {
	s.report.commits++
	if s.forced != nil {
		if f, ok := s.forced[s.report.commits]; ok {
			s.record("forced: %s", faultNames[f])
			return f
		}
		return stored
	}
	for _, f := range fates {
		if s.fails(f) {
			return f
		}
	}
	return stored
}

// nemesis does, now and then, what needs no commit to go wrong.
func (s *simulation) nemesis() {
	if n := s.node; n != nil && s.now < beginning+healing {
		switch {
		case s.fails(crash):
			n.die()
		case s.fails(drain):
			n.drain()
		case s.fails(clockJump):
			n.setClock(s.between(-3_600_000, 3_600_000))
		}
		s.later(s.between(100, 2_000), s.nemesis)
	} else if n == nil {
		s.later(1_000, s.nemesis)
	}
}

// heal sets the clock right and lets the run go to its end undisturbed.
func (s *simulation) heal() {
	s.record("healed")
	if s.node != nil {
		s.node.skew = 0
	}
}

// setClock sets a node's clock by some time, unless clocks are right by now.
func (n *node) setClock(by journal.Millis) {
	if n.sim.now < beginning+healing {
		n.skew += by
	}
}

// clock is the time as a node sees it.
func (n *node) clock() journal.Millis { return n.sim.now + n.skew }
