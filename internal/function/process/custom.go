package process

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"heddle/internal/function"
	"heddle/internal/function/confine"
)

// bootstrapped is the conversation with a bootstrap, which speaks HTTP in one of
// two ways: it serves calls itself, or it fetches them from the runtime API, as
// the published service has it. Which one, it shows by what it does first.
type bootstrapped struct {
	instance    *instance
	resultBytes int
	url         string // of the bootstrap's server
	transport   *http.Transport
	api         *runtimeAPI
	fetches     bool // the calls; set by start
	closing     sync.Once
}

// Where a bootstrap with a network of its own serves, and finds the runtime API.
// In the network of the machine, ports are those that are free.
const (
	ownPort = 8000
	ownAPI  = 9001
)

const (
	// invokePath and initPath are those that the published service calls in
	// images of functions.
	invokePath = "/invoke"
	initPath   = "/init"
	// knockPause is how long to wait before trying again whether a bootstrap
	// serves already.
	knockPause = 5 * time.Millisecond
)

// newServed tells the program its port, and serves the runtime API to it.
func (r *Runtime) newServed(i *instance, p *confine.Program) (*bootstrapped, error) {
	b := &bootstrapped{instance: i, resultBytes: r.cfg.ResultBytes}
	b.api = newRuntimeAPI(r.cfg.ResultBytes, i.pool.spec)
	port, api := ownPort, netip.AddrPortFrom(i.cell.Here(), ownAPI).String()
	if r.confiner.Isolation().Network != confine.HostNetwork {
		p.Before = func() error { return b.api.listen(i.cell, ownAPI) }
	} else {
		var err error
		if port, err = freePort(); err != nil {
			return nil, fmt.Errorf("look for a free port: %w", err)
		}
		if err := b.api.listen(i.cell, 0); err != nil {
			return nil, fmt.Errorf("serve the runtime API: %w", err)
		}
		api = b.api.listener.Addr().String()
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	b.url = "http://" + address
	b.transport = &http.Transport{
		DialContext:            func(ctx context.Context, _, _ string) (net.Conn, error) { return i.cell.Dial(ctx, address) },
		DisableCompression:     true,
		MaxIdleConnsPerHost:    1,
		MaxResponseHeaderBytes: headerBytesMax,
	}
	p.Environment = append(p.Environment, portVariable+"="+strconv.Itoa(port), apiVariable+"="+api)
	return b, nil
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func (b *bootstrapped) start(ctx context.Context) (*function.Failure, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	knock := time.NewTimer(0)
	defer knock.Stop()
	for {
		select {
		case <-b.api.fetched:
			b.fetches = true
			return nil, nil
		case <-knock.C:
			connection, err := b.instance.cell.Dial(ctx, strings.TrimPrefix(b.url, "http://"))
			if err == nil {
				connection.Close()
				return b.initialize(ctx)
			}
			knock.Reset(knockPause)
		case <-b.instance.exited:
			return nil, errors.New("the bootstrap has ended")
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// initialize calls the initializer of a function that has one.
func (b *bootstrapped) initialize(ctx context.Context) (*function.Failure, error) {
	if b.instance.pool.spec.InitializerHandler == "" {
		return nil, nil
	}
	result, err := b.post(ctx, initPath, function.Request{Input: "{}"}, b.instance.pool.spec.InitializerTimeout)
	if err == nil && result.Failure != nil {
		result.Failure.Message = "the function cannot be initialized: " + result.Failure.Message
	}
	return result.Failure, err
}

func (b *bootstrapped) call(ctx context.Context, r function.Request, remaining time.Duration) (function.Result, error) {
	var result function.Result
	var err error
	if b.fetches {
		result, err = b.api.call(ctx, r, remaining, b.instance.exited)
	} else {
		result, err = b.post(ctx, invokePath, r, remaining)
	}
	if err == nil && result.Failure == nil && !json.Valid([]byte(result.Output)) {
		result = function.Result{Failure: failed(function.ActionFailed, "the result is not JSON: %s", excerpt(result.Output))}
	}
	return result, err
}

func (b *bootstrapped) post(ctx context.Context, path string, r function.Request, remaining time.Duration) (function.Result, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.url+path, strings.NewReader(r.Input))
	if err != nil {
		return function.Result{}, err
	}
	describe(request.Header, b.instance.pool.spec, r, remaining)
	response, err := b.transport.RoundTrip(request)
	if err != nil {
		return function.Result{}, err
	}
	defer response.Body.Close()
	return read(response.Body, b.resultBytes, func(body []byte) *function.Failure {
		return function.Reported(response.StatusCode, string(body)).Failure
	})
}

// describe adds what a bootstrap is told of a call, by our names and by those of
// the published service.
func describe(header http.Header, s function.Spec, r function.Request, remaining time.Duration) {
	r.AddHeaders(header)
	header.Set("Content-Type", "application/json")
	header.Set("X-Cff-Request-Id", r.InvocationID)
	header.Set("X-Cff-Func-Name", s.Name)
	header.Set("X-Cff-Func-Version", s.Version)
	header.Set("X-Cff-Package", s.Package)
	header.Set("X-Cff-Project-Id", s.Project)
	header.Set("X-Cff-Memory", strconv.Itoa(s.MemoryMiB))
	header.Set("X-Cff-Timeout", strconv.Itoa(int(s.Timeout/time.Second)))
	header.Set("X-Heddle-Remaining-Milliseconds", strconv.FormatInt(remaining.Milliseconds(), 10))
}

// read reads a result, or what refused says of it.
func read(body io.Reader, bytesMax int, refused func(body []byte) *function.Failure) (function.Result, error) {
	var text bytes.Buffer
	_, err := text.ReadFrom(io.LimitReader(body, int64(bytesMax)+1))
	if err != nil {
		return function.Result{}, err
	}
	if failure := refused(text.Bytes()); failure != nil {
		return function.Result{Failure: failure}, nil
	}
	if text.Len() > bytesMax {
		return function.Result{Failure: failed(function.ActionFailed, "the result has more than the allowed %d bytes", bytesMax)}, nil
	}
	return function.Result{Output: text.String()}, nil
}

func (b *bootstrapped) close() {
	b.closing.Do(func() {
		b.transport.CloseIdleConnections()
		b.api.close()
	})
}

// excerpt returns the beginning of a text in one line.
func excerpt(text string) string {
	const length = 100
	if len(text) > length {
		text = text[:length] + "…"
	}
	return fmt.Sprintf("%q", text)
}
