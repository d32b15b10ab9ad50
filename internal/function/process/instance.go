package process

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"heddle/internal/function"
	"heddle/internal/function/confine"
)

// instance is a process that serves calls of one function, one at a time.
type instance struct {
	pool *pool
	cell *confine.Cell
	tap  *confine.Tap
	talk conversation
	log  *output

	idleSince time.Time   // guarded by the pools' mu
	idling    *time.Timer // ends it when it has been idle for long; likewise

	ending   sync.Once
	unwanted chan struct{} // closed when it shall end
	exited   chan struct{} // closed when it has ended and exit is set
	exit     confine.Exit
}

// conversation is how an instance is spoken to, by its runtime.
type conversation interface {
	// start speaks to a program that has just been started, and returns when it
	// is ready for calls. A failure is the function's; an error means that it
	// does not speak any more, or never did.
	start(ctx context.Context) (*function.Failure, error)
	// call carries out one call. An error means that the instance cannot be used
	// any more; unless it is errSpent, there is no answer.
	call(ctx context.Context, r function.Request, remaining time.Duration) (function.Result, error)
	// close ends the conversation, which asks the program to end.
	close()
}

// errSpent comes with the answer of an instance that ends after it.
var errSpent = errors.New("the instance has given its last answer")

// live starts an instance for the pool and ends it when its time has come.
func (r *Runtime) live(ctx context.Context, p *pool) {
	i, failure := r.birth(ctx, p)
	if failure != nil {
		r.pools.gone(p, nil, failure)
		return
	}
	r.pools.ready(i)
	select {
	case <-i.exited:
	case <-i.unwanted:
		i.dismiss()
	case <-ctx.Done():
	}
	i.cell.Kill()
	<-i.exited
	r.pools.gone(p, i, nil)
}

// birth starts an instance and waits until it is ready. It leaves nothing behind
// if that fails.
func (r *Runtime) birth(ctx context.Context, p *pool) (_ *instance, failure *function.Failure) {
	l, err := r.languageOf(ctx, p.spec.Runtime)
	if err != nil {
		return nil, failed(function.FunctionStageUnavailable, "%v", err)
	}
	code, release, err := r.code.Acquire(ctx, codeName(l, p.spec), func(root *os.Root) error { return l.unpack(ctx, p.spec, root) })
	if err != nil {
		return nil, failed(function.FunctionStageUnavailable, "the code cannot be unpacked: %v", err)
	}
	i := &instance{
		pool: p, log: r.newOutput(p.spec),
		unwanted: make(chan struct{}), exited: make(chan struct{}),
	}
	if err := r.begin(ctx, i, l, code, release); err != nil {
		r.log.Error("an instance cannot be started", "function", p.spec.URN, "error", err)
		return nil, failed(function.FunctionStageUnavailable, "an instance cannot be started: %v", err)
	}
	ready, cancel := context.WithTimeout(ctx, readyPatience+p.spec.InitializerTimeout)
	defer cancel()
	failure, err = i.talk.start(ready)
	failure = i.log.masks.Failure(failure)
	if failure == nil && err == nil {
		return i, nil
	}
	if ready.Err() == nil {
		i.awaitExit()
	}
	i.cell.Kill()
	<-i.exited
	switch {
	case failure != nil:
		i.log.failure(failure)
	case errors.Is(ready.Err(), context.DeadlineExceeded):
		failure = failed(function.FunctionStageUnavailable, "the instance was not ready within %v", readyPatience+p.spec.InitializerTimeout)
	default:
		failure = i.died("before it was ready")
		failure.Name = function.FunctionStageUnavailable
	}
	return nil, failure
}

// codeName is the name of unpacked code: of equal code, it depends on what the
// file of a single source is called.
func codeName(l language, s function.Spec) string {
	if s.CodeType != function.CodeInline {
		return s.Digest
	}
	file, _ := splitHandler(s.Handler)
	return s.Digest + "-" + digest(file, l.path)
}

// begin starts the process, and what goes on as long as it lives. Once the
// process has ended, the cell is removed and the code released; if there is an
// error, at once.
func (r *Runtime) begin(ctx context.Context, i *instance, l language, code string, release func()) (err error) {
	var undo []func()
	defer func() {
		if err != nil {
			release()
			for _, f := range undo {
				f()
			}
		}
	}()
	if i.cell, err = r.confiner.NewCell(code, i.pool.spec.MemoryMiB); err != nil {
		return err
	}
	undo = append(undo, func() { i.cell.Close() })
	if i.tap, err = confine.NewTap(i.log.take); err != nil {
		return err
	}
	undo = append(undo, i.tap.Close)
	defer i.tap.Started()
	program := l.program(i.pool.spec, i.cell)
	program.Output = i.tap.Output()
	program.Refused = i.log.refusal
	if l.handler {
		i.talk, err = newFrames(r.cfg, i.pool.spec, i.cell, &program)
	} else {
		i.talk, err = r.newServed(i, &program)
	}
	if err != nil {
		return err
	}
	undo = append(undo, i.talk.close)
	err = i.cell.Start(ctx, program)
	if program.Channel != nil {
		program.Channel.Close()
	}
	if err != nil {
		return err
	}
	var reading sync.WaitGroup
	reading.Go(i.tap.Run)
	go func() {
		i.exit = i.cell.Wait()
		i.tap.Drain()
		i.tap.Close()
		reading.Wait()
		i.talk.close()
		i.log.flush()
		if err := i.cell.Close(); err != nil {
			r.log.Error("a cell cannot be removed", "function", i.pool.spec.URN, "error", err)
		}
		release()
		close(i.exited)
	}()
	return nil
}

// serve carries out one call. The instance is healthy if it can serve another.
func (i *instance) serve(ctx context.Context, r function.Request, timeout time.Duration) (result function.Result, healthy bool) {
	began := time.Now()
	remaining := timeout
	if deadline, ok := ctx.Deadline(); ok {
		remaining = time.Until(deadline)
	}
	i.log.begin(r.InvocationID)
	result, err := i.talk.call(ctx, r, remaining)
	healthy = err == nil && ctx.Err() == nil
	if err != nil {
		if ctx.Err() == nil {
			i.awaitExit() // it may be about to end, and should say how
		}
		i.cell.Kill()
		<-i.exited
		switch {
		case ctx.Err() != nil:
			result.Failure = cutOff(ctx, timeout, "its instance was killed")
		case !errors.Is(err, errSpent):
			result.Failure = i.died("without an answer")
		}
	}
	result.Failure = i.log.masks.Failure(result.Failure)
	result.Usage.Duration = time.Since(began)
	i.tap.Drain()
	result.Usage.Memory = i.cell.Memory()
	if result.Failure != nil {
		i.log.failure(result.Failure)
	}
	result.Usage.Log = i.log.finish()
	if !healthy {
		i.end()
	}
	return result, healthy
}

// died is the failure of a call whose instance has ended.
func (i *instance) died(when string) *function.Failure {
	if i.exit.OutOfMemory {
		return failed(function.ActionFailed, "the function needs more memory than its %d MiB, and was killed", i.pool.spec.MemoryMiB)
	}
	f := failed(function.ActionFailed, "the function's process ended %s: %s", when, i.exit.Text)
	if line := i.log.lastLine(); line != "" {
		f.Message += ": " + line
	}
	return f
}

// end lets the instance end. It does not wait.
func (i *instance) end() { i.ending.Do(func() { close(i.unwanted) }) }

// dismiss asks the process to end, and waits a moment for it.
func (i *instance) dismiss() {
	i.talk.close()
	i.cell.Terminate()
	i.awaitExit()
}

func (i *instance) awaitExit() {
	select {
	case <-i.exited:
	case <-time.After(endPatience):
	}
}
