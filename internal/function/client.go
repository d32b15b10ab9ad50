package function

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	resultBytesDefault = 256 << 10
	callsMaxDefault    = 256
	// connectTimeout lets an attempt to connect end that nobody waits for any
	// more. A call with a shorter timeout ends by its own.
	connectTimeout = 10 * time.Second
	// idleTimeout is the usual one: short enough to let a function that is
	// gone be forgotten, long enough for one that is called once a minute.
	idleTimeout = 90 * time.Second
	// headerBytesMax bounds the header of an answer, of which nothing but the
	// status is used.
	headerBytesMax = 64 << 10
	// bufferKeepBytes is the largest buffer that is kept for the next answer.
	bufferKeepBytes = 64 << 10
)

// client makes the HTTP calls of all endpoints.
type client struct {
	cfg       Config
	transport *http.Transport
	buffers   sync.Pool                      // of *bytes.Buffer
	handovers chan func(ctx context.Context) // asynchronous calls on their way to run
}

// newClient returns a client that keeps connections open between calls. It
// talks HTTP/1.1 to the very hosts of the URLs: it takes no proxy from the
// environment, follows no redirect, sends no cookie and decompresses nothing.
func newClient(cfg Config) *client {
	cfg.ResultBytes = cmp.Or(cfg.ResultBytes, resultBytesDefault)
	cfg.CallsMax = cmp.Or(cfg.CallsMax, callsMaxDefault)
	plain := &net.Dialer{Timeout: connectTimeout, Control: cfg.Reach.Control, Resolver: cfg.Resolver}
	secure := &tls.Dialer{NetDialer: plain, Config: &tls.Config{RootCAs: cfg.RootCAs}}
	return &client{
		cfg: cfg,
		transport: &http.Transport{
			DialContext:            connecting(plain.DialContext),
			DialTLSContext:         connecting(secure.DialContext),
			DisableCompression:     true,
			MaxIdleConns:           cfg.CallsMax,
			MaxIdleConnsPerHost:    cfg.CallsMax,
			IdleConnTimeout:        idleTimeout,
			MaxResponseHeaderBytes: headerBytesMax,
		},
		buffers:   sync.Pool{New: func() any { return new(bytes.Buffer) }},
		handovers: make(chan func(context.Context)),
	}
}

// connectError says that there was no connection: the request was not sent.
type connectError struct{ err error }

func (e *connectError) Error() string { return e.err.Error() }

func (e *connectError) Unwrap() error { return e.err }

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// connecting marks the errors of dial as a connectError.
func connecting(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, &connectError{err}
		}
		return conn, nil
	}
}

// send makes one HTTP exchange and returns when the header of the answer is in.
// The caller closes its body.
func (c *client) send(request *http.Request) (*http.Response, error) {
	response, err := c.transport.RoundTrip(request)
	if err == nil && response.StatusCode == http.StatusSwitchingProtocols {
		// This body is the bare connection, which the request's context does
		// not end.
		response.Body.Close()
		response.Body = http.NoBody
	}
	return response, err
}

// result reads an answer, one byte beyond the limit at most. A connection can
// be used again only if its answer was read to the end, so the body of a
// refusal is read too.
func (c *client) result(ctx context.Context, r Request, response *http.Response, masks Masks) Result {
	body := c.buffers.Get().(*bytes.Buffer)
	defer c.release(body)
	_, err := body.ReadFrom(io.LimitReader(response.Body, int64(c.cfg.ResultBytes)+1))
	switch {
	case response.StatusCode == http.StatusAccepted && r.CallbackURL != "":
		return Result{Deferred: true}
	case response.StatusCode/100 != 2:
		return refused(response.StatusCode, masks.Text(body.String()))
	case body.Len() > c.cfg.ResultBytes:
		return Failed(ActionFailed, "the function's result is longer than the allowed %d bytes", c.cfg.ResultBytes)
	case err != nil:
		return broken(ctx, r, fmt.Errorf("read the answer: %w", err))
	}
	return Result{Output: body.String()}
}

func (c *client) release(buffer *bytes.Buffer) {
	if buffer.Cap() <= bufferKeepBytes {
		buffer.Reset()
		c.buffers.Put(buffer)
	}
}
