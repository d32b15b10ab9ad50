package engine

import (
	"context"

	"heddle/internal/admission"
	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/urn"
)

// carryOut does what a turn has changed about the work for an execution. The
// caller is the worker.
func (e *Engine) carryOut(x *resident, w Work) {
	if w.Alarm != 0 {
		e.alarm.Set(w.Alarm)
	}
	for _, a := range w.CutOff {
		x.cutOff[a]()
		delete(x.cutOff, a)
	}
	for _, c := range w.Begin {
		if x.cutOff == nil {
			x.cutOff = map[Attempt]func(){}
		}
		waiting := e.calls.Add(e.laneOf(c), func(ctx context.Context) { e.call(ctx, x, c) })
		x.cutOff[c.attempt()] = waiting.Cancel
	}
	if w.EndNap {
		x.stopNap()
	}
	if w.Nap != 0 {
		e.nap(x, w.Nap)
	}
}

// laneOf returns where a call waits for its turn. A function has one lane,
// however it is spelled.
func (e *Engine) laneOf(c Call) admission.Lane {
	name := c.Function
	if f, err := urn.ParseFunction(name); err == nil {
		name = f.Canonical().String()
	}
	return admission.Lane{Project: c.Project, Name: name, Max: e.functions.CallsMax(c.Project, name)}
}

// callApart runs a call whose turn has come.
func (e *Engine) callApart(run func(ctx context.Context)) context.CancelFunc {
	ctx, cancel := context.WithCancel(e.calling)
	e.work.Go(func() {
		defer cancel()
		run(ctx)
	})
	return cancel
}

// call calls a function and brings its answer to the execution. A call that is
// cut off brings none: either it is not awaited, or it is made again.
func (e *Engine) call(ctx context.Context, x *resident, c Call) {
	begun := now()
	result := e.functions.Invoke(ctx, c)
	if ctx.Err() != nil {
		return
	}
	if f := result.Failure; f != nil {
		e.log.Debug("a call has failed", "execution", c.Execution.String(), "state", c.State, "attempt", c.Attempt, "failure", f.Name, "reason", f.Message)
	}
	e.post(x.Key, Message{Input: c.Answer(begun, result)})
}

// nap brings a Tick to an execution in memory at a moment.
func (e *Engine) nap(x *resident, until journal.Millis) {
	ctx, stop := context.WithCancel(e.calling)
	x.stopNap = stop
	e.work.Go(func() {
		if sleepUntil(ctx, until) {
			e.post(x.Key, Message{Input: machine.Tick{}})
		}
	})
}
