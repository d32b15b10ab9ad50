package server

import (
	"context"

	"heddle/internal/config"
	"heddle/internal/engine"
	"heddle/internal/function"
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

// caller lets an engine call functions. The two rooms do not know each other.
type caller struct{ functions *function.Registry }

func (c caller) CallsMax(project, function string) int {
	return c.functions.CallsMax(project, function)
}

func (c caller) Invoke(ctx context.Context, call engine.Call) engine.Result {
	result := c.functions.Invoke(ctx, function.Request{
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
