package engine

import (
	"context"
	"crypto/sha256"
	"fmt"

	"heddle/internal/machine"
)

// carryOut begins the calls that an execution awaits, cuts off those that it
// does not await any more, and sees to it that it is woken in time. It
// compares what the execution's progress asks for with what is in hand, so
// that it may be called again at any time.
func (e *Engine) carryOut(x *execution) {
	o := x.graph.machine.Outstanding(x.machine)
	if o.Ready && e.state.Load() != phaseDraining {
		x.put(message{input: machine.Tick{}})
		return
	}
	if len(o.Calls) == 0 && len(x.calls) == 0 && x.nap == nil {
		return
	}
	awaited := make(map[attempt]bool, len(o.Calls))
	for _, c := range o.Calls {
		awaited[attemptOf(c)] = true
	}
	for a, cutOff := range x.calls {
		if !awaited[a] {
			cutOff()
			delete(x.calls, a)
		}
	}
	if e.state.Load() == phaseDraining {
		return // what is awaited is called after the next start
	}
	for _, c := range o.Calls {
		a := attemptOf(c)
		if _, begun := x.calls[a]; begun {
			continue
		}
		if x.calls == nil {
			x.calls = map[attempt]context.CancelFunc{}
		}
		ctx, cutOff := context.WithCancel(e.calling)
		x.calls[a] = cutOff
		call := e.callOf(x, c)
		e.work.Go(func() { e.call(ctx, x, a, call) })
	}
	e.nap(x, o)
}

func attemptOf(c machine.Call) attempt { return attempt{c.Visit, c.Branch, c.Attempt} }

func (e *Engine) callOf(x *execution, c machine.Call) Call {
	id := fmt.Sprintf("%s-%d-%d-%d", x.urn.ID, c.Visit, c.Branch, c.Attempt)
	span := sha256.Sum256([]byte(id))
	return Call{
		Project: x.urn.Project, Execution: x.urn,
		State: c.State, Action: c.Action, Attempt: c.Attempt,
		InvocationID: id,
		Traceparent:  fmt.Sprintf("00-%s-%x-01", x.urn.ID, span[:8]),
		Function:     c.Function, Input: c.Input, Timeout: c.Timeout, Async: c.Async,
	}
}

// call calls a function and brings its answer to the execution. A call that is
// cut off brings none: either it is not awaited, or it is made again.
func (e *Engine) call(ctx context.Context, x *execution, a attempt, c Call) {
	select {
	case e.callSlots <- struct{}{}:
	case <-ctx.Done():
		return
	}
	result := e.functions.Invoke(ctx, c)
	<-e.callSlots
	if ctx.Err() != nil {
		return
	}
	answer := machine.Answer{Visit: a.visit, Branch: a.branch, Attempt: a.number, Output: result.Output}
	if f := result.Failure; f != nil {
		answer.Failure = &machine.Failure{Name: f.Name, Message: f.Message}
		e.log.Debug("a call has failed", "execution", c.Execution.String(), "state", c.State, "attempt", c.Attempt, "failure", f.Name, "reason", f.Message)
	}
	e.post(x.key, message{input: answer})
}

// nap wakes an execution that is in memory because of its calls while another
// of its actions waits for its next attempt. One that only waits is woken by
// the alarm.
func (e *Engine) nap(x *execution, o machine.Outstanding) {
	if len(o.Calls) == 0 || o.Wake == 0 {
		x.stopNap()
		return
	}
	if x.nap != nil && x.wake == o.Wake {
		return
	}
	x.stopNap()
	ctx, stop := context.WithCancel(e.calling)
	x.nap, x.wake = stop, o.Wake
	e.work.Go(func() {
		if sleepUntil(ctx, o.Wake) {
			e.post(x.key, message{input: machine.Tick{}})
		}
	})
}

func (x *execution) stopNap() {
	if x.nap != nil {
		x.nap()
		x.nap, x.wake = nil, 0
	}
}
