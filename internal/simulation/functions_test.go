package simulation_test

import (
	"fmt"
	"slices"

	"heddle/internal/definition"
	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/machine/graphtest"
)

// functions is the outside world. It goes on when nodes die, and remembers
// what it has done under which invocation id.
type functions struct {
	sim       *simulation
	generator *graphtest.Generator
	effects   map[string]*effect
	deferred  int // results that come later
	reported  int // of them those that were taken
}

// effect is what was done under one invocation id.
type effect struct {
	attempt string   // for which it was asked
	outputs []string // that were returned
	failed  bool     // whether a failure was
}

// call is a call in flight.
type call struct {
	engine.Call
	begun  journal.Millis // by the clock of its node
	cutOff bool
}

func newFunctions(s *simulation) *functions {
	return &functions{sim: s, generator: graphtest.New(s.seed, 100), effects: map[string]*effect{}}
}

func attemptOf(c engine.Call) engine.Attempt {
	return engine.Attempt{Visit: c.Visit, Branch: c.Branch, Number: c.Attempt}
}

func attemptName(execution string, a engine.Attempt) string {
	return fmt.Sprintf("%s/%d/%d/%d", execution, a.Visit, a.Branch, a.Number)
}

// begin carries out a call of an execution on a node.
func (f *functions) begin(n *node, x *resident, c engine.Call) *call {
	s := f.sim
	if s.mutant == invocationIDReused {
		c.InvocationID = fmt.Sprintf("%s-%d-%d-1", c.Execution.ID, c.Visit, c.Branch)
	}
	made := &call{Call: c, begun: n.clock()}
	s.record("call %s", c.InvocationID)
	if s.mutant == effectLeftOut && s.chance.IntN(10) == 0 {
		n.later(1, func() { f.deliver(n, x, made, engine.Result{Output: "1"}) })
		return made
	}
	e := f.asked(n, c)
	s.ghost.called(n, c)
	timeout := journal.Millis(c.Timeout.Milliseconds())
	takes := s.between(1, 2_000)
	switch {
	case s.chance.IntN(2) == 0: // many answers at once
		takes = s.between(1, 6)
	case s.fails(callHangs):
		takes = timeout + s.between(1, 60_000)
	case s.fails(callSlow):
		takes = s.between(0, 2*timeout)
	}
	failed := s.chance.IntN(20) == 0 || s.fails(callFails)
	if !c.Async && s.chance.IntN(6) == 0 && takes <= timeout {
		f.deferred++
		f.reportLater(c, e, failed)
		s.later(takes, func() {
			if s.mutant != deferralForgotten {
				f.deliver(n, x, made, engine.Result{Deferred: true})
			}
		})
		if s.mutant == deferredCalledAnew {
			n.later(takes+s.between(1, 5_000), func() { f.begin(n, x, c) })
		}
		return made
	}
	s.later(takes, func() { // whoever asked may be dead, or not wait any more
		result := f.result(c, failed)
		e.note(result)
		if takes <= timeout {
			f.deliver(n, x, made, result)
		}
	})
	if takes > timeout {
		s.later(timeout, func() {
			e.failed = true
			f.deliver(n, x, made, engine.Result{Failure: &engine.Failure{Name: definition.FailureTimeout, Message: "as drawn"}})
		})
	}
	return made
}

// asked remembers that a call was made.
func (f *functions) asked(n *node, c engine.Call) *effect {
	name := attemptName(c.Execution.ID, attemptOf(c))
	e, there := f.effects[c.InvocationID]
	if !there {
		e = &effect{attempt: name}
		f.effects[c.InvocationID] = e
	}
	f.sim.ghost.asked(n, c)
	if e.attempt != name {
		f.sim.broken("an invocation id belongs to one attempt: %s is used for %s and %s", c.InvocationID, e.attempt, name)
	}
	return e
}

func (e *effect) note(r engine.Result) {
	if r.Failure != nil {
		e.failed = true
	} else {
		e.outputs = append(e.outputs, r.Output)
	}
}

func (f *functions) result(c engine.Call, failed bool) engine.Result {
	switch {
	case failed:
		names := []string{definition.FailureAction, definition.FailureTimeout, definition.FailureNotFound}
		return engine.Result{Failure: &engine.Failure{Name: names[f.sim.chance.IntN(len(names))], Message: "as drawn"}}
	case c.Async:
		return engine.Result{}
	}
	return engine.Result{Output: f.generator.Output(c.Input)}
}

// deliver brings an answer to the node that waits for it. An answer that is on
// its way when its call is cut off still comes.
func (f *functions) deliver(n *node, x *resident, c *call, r engine.Result) {
	if c.cutOff && f.sim.mutant != staleAccepted {
		return
	}
	bring := func(after journal.Millis) {
		n.later(after, func() {
			answered := c.Call
			if f.sim.mutant == staleAccepted && len(x.calls) > 0 && !slices.Contains(x.calls, c) {
				answered = x.calls[0].Call
			}
			n.post(x.Key, engine.Message{Input: answered.Answer(c.begun, r)})
		})
	}
	bring(f.sim.between(0, 3))
	if f.sim.fails(callTwice) {
		bring(f.sim.between(0, 10_000))
	}
	f.sim.raced(c.Execution.Name)
}

// cutOff ends a call of the execution.
func (x *resident) cutOff(a engine.Attempt) {
	x.calls = slices.DeleteFunc(x.calls, func(c *call) bool {
		if attemptOf(c.Call) != a {
			return false
		}
		c.cutOff = true
		return true
	})
}
