package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// wire makes HTTP requests over connections that are kept. The generator of
// the load shares the processors with what it measures, so it goes straight to
// the transport: no redirects, no cookies, no request built anew.
type wire struct{ transport *http.Transport }

// connectionsMax is above the largest number of clients, so that no call
// waits for a connection or opens one for itself alone.
const connectionsMax = 512

func newWire() wire {
	return wire{&http.Transport{
		MaxIdleConns:        connectionsMax,
		MaxIdleConnsPerHost: connectionsMax,
		IdleConnTimeout:     20 * time.Second, // below what servers allow
		DisableCompression:  true,
	}}
}

func (w wire) close() { w.transport.CloseIdleConnections() }

// newRequest returns a request without a body, of which every call sends a copy.
func newRequest(method, address string) (*http.Request, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	return &http.Request{
		Method: method,
		URL:    u,
		Host:   u.Host,
		Header: http.Header{"Content-Type": {"application/json"}},
	}, nil
}

// send sends a copy of the request with the body, and reads the answer into
// the buffer. Any status but 200 is an error.
func (w wire) send(ctx context.Context, request *http.Request, body []byte, answer *bytes.Buffer) error {
	r := request.WithContext(ctx)
	if body != nil {
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.ContentLength = int64(len(body))
	}
	resp, err := w.transport.RoundTrip(r)
	if err != nil {
		return fmt.Errorf("%s %s: %w", r.Method, r.URL, err)
	}
	defer resp.Body.Close()
	answer.Reset()
	if _, err := answer.ReadFrom(resp.Body); err != nil {
		return fmt.Errorf("%s %s: read the answer: %w", r.Method, r.URL, err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: status %d: %.200s", r.Method, r.URL, resp.StatusCode, answer.Bytes())
	}
	return nil
}
