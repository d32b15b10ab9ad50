package server

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"

	"heddle/internal/admission"
	"heddle/internal/callback"
	"heddle/internal/config"
	"heddle/internal/engine"
	"heddle/internal/exchange"
	"heddle/internal/function"
	"heddle/internal/function/catalog"
	"heddle/internal/function/process"
	"heddle/internal/function/queue"
	"heddle/internal/functionapi"
	"heddle/internal/secret"
	"heddle/internal/store"
)

// reachOf returns where the calls of functions may go.
func reachOf(cfg config.Config, listens net.Addr) (function.Reach, error) {
	networks, err := cfg.Networks()
	if err != nil {
		return function.Reach{}, err
	}
	own, err := ownPorts(cfg, listens)
	return function.Reach{Networks: networks, Own: own}, err
}

func newFunctions(cfg config.Config, reach function.Reach) (*function.Registry, error) {
	declarations := make([]function.Declaration, len(cfg.Functions))
	for i, f := range cfg.Functions {
		declarations[i] = function.Declaration(f)
	}
	return function.NewRegistry(function.Config{
		ResultBytes:   cfg.Limits.ResultBytes,
		CallsMax:      cfg.Limits.CallsInFlight,
		DrainDuration: cfg.ShutdownTimeout / 8, // what they answer is not looked at
		Reach:         reach,
	}, declarations)
}

// Asynchronous invocations of stored functions.
const (
	invocationsAtOnce  = 64     // carried out at a time; beyond them they wait
	invocationsWaiting = 10_000 // for one function; beyond them they are refused
	invocationsKept    = 24 * time.Hour
)

// newCatalog returns the functions that there are, declared and stored ones.
func (s *Server) newCatalog(st store.Store, box *secret.Box, local *process.Runtime) *catalog.Catalog {
	var runtime function.Runtime // nil, and not something that is nil
	if local != nil {
		runtime = local
	}
	return catalog.New(s.cfg.Region, s.functions, st, box, runtime, s.log)
}

func (s *Server) newQueue(st store.Store, c *catalog.Catalog) *queue.Queue {
	return queue.New(queue.Config{
		Node: node, RunningMax: invocationsAtOnce, WaitingMax: invocationsWaiting, Keep: invocationsKept,
	}, c, st, s.log)
}

func (s *Server) newFunctionAPI(met exchange.Config, rooms functionapi.Rooms) http.Handler {
	limits := s.cfg.Limits
	return functionapi.New(functionapi.Config{
		Region:      s.cfg.Region,
		BodyMax:     int64(limits.RequestBytes),
		CallTimeout: s.times.call,
		Exchange:    met,
		AuditAll:    s.cfg.AuditAll(),
		Invocations: admission.Room{Max: limits.CallsInFlight, Share: limits.ShareOf(limits.CallsInFlight)},
	}, rooms, s.log).Handler()
}

// caller lets an engine call functions. The two rooms do not know each other.
type caller struct {
	*queue.Queue
	callbacks callback.Desk
	url       string // of this server, as functions reach it
	log       *slog.Logger
}

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
		CallbackURL:  c.callbackURL(call),
	})
	if f := result.Failure; f != nil {
		return engine.Result{Failure: &engine.Failure{Name: f.Name, Message: f.Text()}}
	}
	return engine.Result{Output: result.Output, Deferred: result.Deferred}
}

// callbackURL returns where the function of a call may report its result later.
func (c caller) callbackURL(call engine.Call) string {
	if call.Async {
		return ""
	}
	token, err := c.callbacks.Token(callback.Attempt{Key: call.Key, Visit: call.Visit, Branch: call.Branch, Number: call.Attempt})
	if err != nil {
		c.log.Error("a call is made that cannot be answered later", "execution", call.Execution.String(), "state", call.State, "error", err)
		return ""
	}
	return c.url + callback.Path + token
}
