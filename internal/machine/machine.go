// Package machine is the state machine of an execution. It is pure: from a
// graph's definition, an execution's progress, something that happened and the
// time, it computes the new progress and the records that say so. What remains
// to be done outside (functions to call, a time to wait for) is computed from
// the progress alone, so that it can be computed again after a crash.
//
//	Decide       what follows from an input: records, and the progress after them
//	Apply        the only way in which progress changes, live or replayed
//	Outstanding  what the shell must do now
//
// An effect may be carried out twice, so its answer may come late or twice:
// Decide knows an answer by visit, branch and attempt, and an answer that is
// not awaited yields no records.
//
// The package knows no storage, no HTTP, no clock and no chance: the same
// arguments give the same results, always.
package machine

import (
	"heddle/internal/definition"
	"heddle/internal/journal"
)

// Limits bound what one execution may do. All are above 0.
type Limits struct {
	Visits         int // states entered; FGS.9001 beyond
	Elements       int // of a dynamic-extend; FGS.9007 beyond
	ElementsAtOnce int // elements of a dynamic-extend that are worked on at the same time
	ResultBytes    int // of a function's result; FGS.2011 beyond
}

// Machine runs the executions of one definition. It may be shared.
type Machine struct {
	Definition *definition.Definition
	Limits     Limits
}

// Input is something that happened to an execution: Start, Answer, Deferral,
// Arrival, Tick or Stop.
type Input interface {
	happen(t *turn)
}

// Start begins the execution. It is the first input, and comes once.
type Start struct {
	Name  string // the execution's name
	Input string // JSON text, known to be valid
}

// Answer is what came of an attempt of an action.
type Answer struct {
	Visit, Branch, Attempt int // those of the Call

	Output  string   // what the function returned; not known to be JSON
	Failure *Failure // nil if it returned something
}

// Failure says that a call failed, under one of the failure names of the
// definition language.
type Failure struct {
	Name    string
	Message string
}

// Tick says that the time for which Outstanding asked may have come, or that
// an execution that is Ready may go on.
type Tick struct{}

// Stop ends the execution as ABORTED.
type Stop struct{}

// Decide computes what follows from an input at a moment. It returns the
// progress after it and the records that lead there; x itself is not changed.
// No records mean that the input changes nothing: it came late or twice.
//
// Decide panics if the execution and the definition do not belong together.
func (m Machine) Decide(x Execution, now journal.Millis, in Input) (Execution, []journal.Record) {
	t := &turn{Machine: m, x: x.clone(), now: now}
	if x.Status == journal.Running || x.Status == NotStarted {
		in.happen(t)
	}
	return t.x, t.records
}

func (in Start) happen(t *turn) {
	if t.x.Status != NotStarted {
		return
	}
	t.record(journal.ExecutionStarted{At: t.now, Name: in.Name, Input: in.Input})
	t.enter(t.Definition.Start(), in.Input)
	t.proceed()
}

func (in Answer) happen(t *turn) {
	if !t.x.Awaits(in.Visit, in.Branch, in.Attempt) {
		return
	}
	t.answered(in)
	t.proceed()
}

func (Tick) happen(t *turn) {
	if t.x.Status != journal.Running {
		return
	}
	if due := t.x.Due; due != 0 && due <= t.now {
		t.elapsed()
	}
	t.overdue()
	t.retry()
	t.proceed()
}

func (Stop) happen(t *turn) {
	if t.x.Status != journal.Running {
		return
	}
	t.abandon(journal.Failure{Name: failureAborted, Code: codeEnded, Message: "the execution was stopped"})
	if t.x.Next == "" {
		t.record(journal.StateExited{At: t.now, State: t.x.State, Status: journal.Aborted})
	}
	t.record(journal.ExecutionEnded{At: t.now, Status: journal.Aborted})
}
