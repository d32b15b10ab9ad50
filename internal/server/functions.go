package server

import (
	"cmp"
	"context"
	"path/filepath"
	"time"

	"heddle/internal/config"
	"heddle/internal/engine"
	"heddle/internal/function"
	"heddle/internal/function/catalog"
	"heddle/internal/function/queue"
	"heddle/internal/secret"
	"heddle/internal/store"
)

func newFunctions(cfg config.Config) (*function.Registry, error) {
	declarations := make([]function.Declaration, len(cfg.Functions))
	for i, f := range cfg.Functions {
		declarations[i] = function.Declaration(f)
	}
	return function.NewRegistry(function.Config{
		ResultBytes:   cfg.Limits.ResultBytes,
		CallsMax:      cfg.Limits.CallsInFlight,
		DrainDuration: cfg.ShutdownTimeout / 8, // what they answer is not looked at
	}, declarations)
}

// Asynchronous invocations of stored functions.
const (
	invocationsAtOnce  = 64     // carried out at a time; beyond them they wait
	invocationsWaiting = 10_000 // for one function; beyond them they are refused
	invocationsKept    = 24 * time.Hour
)

// newQueue returns the way to all functions: those that are declared, those in
// the store, and what waits for them.
func (s *Server) newQueue(st store.Store) *queue.Queue {
	box := secret.NewBox(cmp.Or(s.cfg.SecretKeyFile, filepath.Join(s.cfg.DataDir, "secret.key")))
	return queue.New(queue.Config{
		Node: node, RunningMax: invocationsAtOnce, WaitingMax: invocationsWaiting, Keep: invocationsKept,
	}, catalog.New(s.cfg.Region, s.functions, st, box, nil), st, s.log)
}

// caller lets an engine call functions. The two rooms do not know each other.
type caller struct{ *queue.Queue }

func (c caller) Invoke(ctx context.Context, call engine.Call) engine.Result {
	result := c.Queue.Invoke(ctx, function.Request{
		Function:     call.Function,
		Project:      call.Project,
		Input:        call.Input,
		Timeout:      call.Timeout,
		Async:        call.Async,
		InvocationID: call.InvocationID,
		Execution:    call.Execution.String(),
		State:        call.State,
		Action:       call.Action,
		Attempt:      call.Attempt,
		Traceparent:  call.Traceparent,
	})
	if f := result.Failure; f != nil {
		return engine.Result{Failure: &engine.Failure{Name: f.Name, Message: f.Text()}}
	}
	return engine.Result{Output: result.Output}
}
