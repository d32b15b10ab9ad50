package engine

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/store"
)

// Work is what changes about what is done for an execution. The zero Work
// changes nothing.
type Work struct {
	Begin  []Call         // calls to begin
	CutOff []Attempt      // calls in flight that are not awaited any more
	EndNap bool           // end the nap that was begun last, if it is not over
	Nap    journal.Millis // when to bring a Tick to the execution in memory; 0 for no new nap
	Alarm  journal.Millis // when the execution is due in the store; 0 if it is not
}

// atOnce is a moment that has come.
const atOnce journal.Millis = 1

// Attempt tells the calls of an execution apart.
type Attempt struct{ Visit, Branch, Number int }

// work compares what the execution's progress asks for with what is in hand.
// It may be asked for again at any time.
func (x *Execution) work(draining bool) Work {
	w := Work{EndNap: x.nap != 0}
	x.nap = 0
	if x.head.Wake > store.Now {
		w.Alarm = journal.Millis(x.head.Wake)
	}
	o := x.graph.Machine.Outstanding(x.machine)
	x.calls = slices.DeleteFunc(x.calls, func(a Attempt) bool {
		awaited := slices.ContainsFunc(o.Calls, func(c machine.Call) bool { return attemptOf(c) == a })
		if !awaited {
			w.CutOff = append(w.CutOff, a)
		}
		return !awaited
	})
	if draining {
		return w
	}
	for _, c := range o.Calls {
		if a := attemptOf(c); !slices.Contains(x.calls, a) {
			x.calls = append(x.calls, a)
			w.Begin = append(w.Begin, x.callOf(c))
		}
	}
	if o.Ready {
		x.nap, w.Nap = atOnce, atOnce
	}
	// Only beside calls does a wait hold the execution in memory: else the
	// alarm is for it. A nap is begun anew after each turn, since one that has
	// ended may have been too short: the clock may have been set back meanwhile.
	if len(o.Calls) > 0 {
		x.nap, w.Nap = o.Wake, o.Wake
	}
	return w
}

func attemptOf(c machine.Call) Attempt { return Attempt{c.Visit, c.Branch, c.Attempt} }

func (x *Execution) callOf(c machine.Call) Call {
	id := fmt.Sprintf("%s-%d-%d-%d", x.URN.ID, c.Visit, c.Branch, c.Attempt)
	span := sha256.Sum256([]byte(id))
	return Call{
		Project: x.URN.Project, Execution: x.URN, Key: x.Key,
		State: c.State, Visit: c.Visit, Action: c.Action, Branch: c.Branch, Attempt: c.Attempt,
		InvocationID: id,
		Traceparent:  fmt.Sprintf("00-%s-%x-01", x.URN.ID, span[:8]),
		Function:     c.Function, Input: c.Input, Timeout: c.Timeout, Async: c.Async,
	}
}

// attempt is what a call is a try of.
func (c Call) attempt() Attempt { return Attempt{c.Visit, c.Branch, c.Attempt} }

// Answer is what the result of a call that began at a moment says to its
// execution. A function that defers its result has the rest of the timeout for it.
func (c Call) Answer(begun journal.Millis, r Result) machine.Input {
	if r.Deferred {
		return machine.Deferral{
			Visit: c.Visit, Branch: c.Branch, Attempt: c.Attempt,
			Due: begun + journal.Millis(c.Timeout.Milliseconds()),
		}
	}
	return c.attempt().answer(r)
}
