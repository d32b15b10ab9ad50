package function

import (
	"context"
	"io"
	"net/http/httptrace"
	"sync"
	"time"
)

// run makes the asynchronous calls that handOver passes on, until ctx ends and
// the answers to them are in, or the DrainDuration has passed.
func (c *client) run(ctx context.Context) {
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var calls sync.WaitGroup
	slots := make(chan struct{}, c.cfg.CallsMax)
	for ctx.Err() == nil {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			continue
		}
		select {
		case deliver := <-c.handovers:
			calls.Go(func() {
				defer func() { <-slots }()
				deliver(background)
			})
		case <-ctx.Done():
		}
	}
	defer time.AfterFunc(c.cfg.DrainDuration, cancel).Stop()
	calls.Wait()
	c.transport.CloseIdleConnections()
}

// handOver has run make the call, since the call outlives it, and returns when
// the request is written or cannot be. With no slot free, or without run, it
// waits until ctx ends.
func (e *endpoint) handOver(ctx context.Context, r Request) Result {
	handed := make(chan Result, 1)
	deliver := func(background context.Context) { e.deliver(background, ctx, r, handed) }
	select {
	case e.client.handovers <- deliver:
	case <-ctx.Done():
		return broken(ctx, r, ctx.Err())
	}
	select {
	case result := <-handed:
		return result
	case <-ctx.Done():
		return broken(ctx, r, ctx.Err())
	}
}

// deliver makes an asynchronous call. What becomes of handing it over goes to
// handed, once; the answer is read and forgotten. Until the request is written
// the end of caller calls it off; after that only ctx and the deadline can.
func (e *endpoint) deliver(ctx, caller context.Context, r Request, handed chan<- Result) {
	deadline, _ := caller.Deadline()
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	detach := context.AfterFunc(caller, cancel) // true for the first who detaches, while caller lasts
	settle := func(result Result) {
		if detach() {
			handed <- result
		}
	}
	trace := &httptrace.ClientTrace{WroteRequest: func(wrote httptrace.WroteRequestInfo) {
		if wrote.Err == nil {
			settle(Result{})
		}
	}}
	response, err := e.client.send(e.request(httptrace.WithClientTrace(ctx, trace), r))
	if err != nil {
		settle(broken(ctx, r, err))
		return
	}
	defer response.Body.Close()
	settle(Result{}) // an answer may come before the transport says that all is written
	io.CopyN(io.Discard, response.Body, int64(e.client.cfg.ResultBytes))
}
