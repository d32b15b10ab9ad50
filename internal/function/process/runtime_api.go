package process

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"heddle/internal/function"
	"heddle/internal/function/confine"
)

// runtimeAPI lets a bootstrap fetch its calls one after another, and post what
// came of each: the runtime API of the published service. An instance has one of
// its own.
type runtimeAPI struct {
	resultBytes int
	spec        function.Spec
	listener    net.Listener
	server      *http.Server
	served      sync.WaitGroup

	fetched chan struct{} // gets one when a bootstrap asks for a call and there was no call before
	calls   chan *fetchedCall

	mu      sync.Mutex
	current *fetchedCall // that was handed out; guarded by mu
}

// fetchedCall is one call, and where its answer goes.
type fetchedCall struct {
	request   function.Request
	remaining time.Duration
	answer    chan function.Result // has room for one
}

const (
	requestPath  = "/v1/runtime/invocation/request"
	responsePath = "/v1/runtime/invocation/response/{id}"
	errorPath    = "/v1/runtime/invocation/error/{id}"
)

func newRuntimeAPI(resultBytes int, s function.Spec) *runtimeAPI {
	a := &runtimeAPI{resultBytes: resultBytes, spec: s, fetched: make(chan struct{}, 1), calls: make(chan *fetchedCall)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+requestPath, a.next)
	mux.HandleFunc("POST "+responsePath, a.respond(func([]byte) *function.Failure { return nil }))
	mux.HandleFunc("POST "+errorPath, a.respond(reported))
	a.server = &http.Server{Handler: mux, ReadHeaderTimeout: readyPatience, MaxHeaderBytes: headerBytesMax}
	return a
}

// listen serves to the cell.
func (a *runtimeAPI) listen(cell *confine.Cell, port uint16) error {
	listener, err := cell.Listen(port)
	if err != nil {
		return err
	}
	a.listener = listener
	a.served.Go(func() { a.server.Serve(listener) }) // until close
	return nil
}

func (a *runtimeAPI) close() {
	a.server.Close()
	a.served.Wait()
}

// next hands out a call. Whoever asks shows that the bootstrap is ready.
func (a *runtimeAPI) next(w http.ResponseWriter, r *http.Request) {
	select {
	case a.fetched <- struct{}{}:
	default:
	}
	select {
	case call := <-a.calls:
		a.mu.Lock()
		a.current = call
		a.mu.Unlock()
		describe(w.Header(), a.spec, call.request, call.remaining)
		w.Write([]byte(call.request.Input)) // a bootstrap that has gone is noticed by its end
	case <-r.Context().Done():
	}
}

// respond takes the answer to the call that was handed out last.
func (a *runtimeAPI) respond(failure func(body []byte) *function.Failure) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		result, err := read(r.Body, a.resultBytes, failure)
		if err != nil {
			http.Error(w, "the answer cannot be read", http.StatusBadRequest)
			return
		}
		a.mu.Lock()
		call := a.current
		if call != nil && call.request.InvocationID == r.PathValue("id") {
			a.current = nil
		} else {
			call = nil
		}
		a.mu.Unlock()
		if call == nil {
			http.Error(w, "there is no such call, or it has been answered", http.StatusNotFound)
			return
		}
		w.WriteHeader(http.StatusAccepted)
		call.answer <- result
	}
}

// reported is the failure that a bootstrap reports: JSON with the fields type,
// message, stack and failure, or any other text as the message.
func reported(body []byte) *function.Failure {
	r := reply{Message: strings.TrimSpace(string(body))}
	var fields struct {
		reply
		ErrorType    string `json:"errorType"`
		ErrorMessage string `json:"errorMessage"`
	}
	if json.Unmarshal(body, &fields) == nil {
		r = fields.reply
		if fields.ErrorMessage != "" {
			r.Type, r.Message = fields.ErrorType, fields.ErrorMessage
		}
	}
	return r.failure()
}

// call has the bootstrap carry out a call.
func (a *runtimeAPI) call(ctx context.Context, r function.Request, remaining time.Duration, exited <-chan struct{}) (function.Result, error) {
	call := &fetchedCall{request: r, remaining: remaining, answer: make(chan function.Result, 1)}
	select {
	case a.calls <- call:
	case <-exited:
		return function.Result{}, errors.New("the bootstrap has ended")
	case <-ctx.Done():
		return function.Result{}, ctx.Err()
	}
	select {
	case result := <-call.answer:
		return result, nil
	case <-exited:
		return function.Result{}, errors.New("the bootstrap has ended")
	case <-ctx.Done():
		return function.Result{}, ctx.Err()
	}
}
