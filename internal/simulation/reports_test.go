package simulation_test

import (
	"errors"

	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/store"
)

// reporter is a function that reports the result of a call later, to whichever
// node is up, until it knows what has become of that.
type reporter struct {
	sim    *simulation
	call   engine.Call
	result engine.Result
	taken  int // how often it was told that its report is recorded
}

// reportLater lets the function of a call report. It may do so before anybody
// knows that it will, long after the attempt has ended, or never.
func (f *functions) reportLater(c engine.Call, e *effect, failed bool) {
	s := f.sim
	if s.chance.IntN(4) == 0 {
		return
	}
	r := &reporter{sim: s, call: c}
	timeout := journal.Millis(c.Timeout.Milliseconds())
	s.later(s.between(0, timeout+timeout/2), func() {
		r.result = f.result(c, failed)
		e.note(r.result)
		r.send()
		if s.fails(callTwice) {
			s.later(s.between(0, 10_000), r.send)
		}
	})
}

func (r *reporter) send() {
	s := r.sim
	if s.node == nil {
		s.later(500, r.send)
		return
	}
	waiting := true
	again := func() {
		if waiting && s.now < beginning+calm {
			s.later(s.between(1, 3_000), r.send)
		}
		waiting = false
	}
	attempt := attemptOf(r.call)
	if s.mutant == reportTooEarly {
		s.ghost.reported(r, attempt)
	}
	s.node.post(r.call.Key, engine.Message{
		Input: r.call.Answer(0, r.result),
		Reply: func(reply engine.Reply) {
			s.record("report for %s is answered: %v", r.call.InvocationID, reply.Err)
			switch {
			case reply.Err == nil, s.mutant == reportTakenAgain && errors.Is(reply.Err, engine.ErrNotAwaited):
				waiting = false
				r.taken++
				s.calls.reported++
				s.ghost.reported(r, attempt)
			case errors.Is(reply.Err, engine.ErrNotAwaited):
				waiting = false
			case errors.Is(reply.Err, store.ErrNotFound):
				s.broken("a report finds its execution: %s", r.call.InvocationID)
			default:
				again()
			}
		},
	})
	s.later(10_000, again)
}

// called checks a call by the owner of an execution at the moment at which it is
// made.
func (g *ghost) called(n *node, c engine.Call) {
	if _, deferred := g.byKey[c.Key].deferred[attemptOf(c)]; deferred && n.lease.Epoch == g.epoch {
		g.sim.broken("a function whose result comes later is not called again: %s", c.InvocationID)
	}
}

// reported checks an attempt at the moment at which its function learns that the
// result is recorded.
func (g *ghost) reported(r *reporter, a engine.Attempt) {
	h := g.byKey[r.call.Key]
	if r.taken > 1 {
		g.sim.broken("a result is taken once: %s", r.call.InvocationID)
	}
	if h.awaits(a) {
		g.sim.broken("a result that is taken is recorded: %s", r.call.InvocationID)
	}
}
