// Package client speaks the HTTP API as a caller of it: graphs, executions and
// their histories, in the words and shapes of docs/api.md.
//
// A method is one call, or one list followed page by page. A refusal by the
// server is an *Error; any other error means that the server was not reached
// or did not speak the API. Calls that may be repeated without harm are, a few
// times, when the server says that it is busy. The package knows the API from
// the outside only and imports nothing of ours.
package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Config says where the server is and for which project calls are made.
type Config struct {
	Server    string            // base URL, such as http://127.0.0.1:8480; a path prefix is kept
	Project   string            // 1 to 64 letters and digits
	Transport http.RoundTripper // nil: one of the client's own, which honours the proxy variables
	// Authorize adds to a request what proves the caller; nil adds nothing. It gets
	// the body that will be sent.
	Authorize func(r *http.Request, body []byte)
}

// Client makes calls for one project. It may be used by many goroutines.
type Client struct {
	server  string // URL without a slash at the end
	name    string // of the project
	project string // URL of the project's calls, likewise
	// functionsURL is that of its calls on functions, which are of another version
	// of the API.
	functionsURL string
	http         *http.Client

	authorize func(r *http.Request, body []byte) // may be nil
}

const (
	callTimeout = 30 * time.Second // of one try; a long poll adds its own wait
	answerMax   = 512 << 20        // bytes of an answer: a full page of the largest history records
)

// New returns a client of the server and project that c names.
func New(c Config) (*Client, error) {
	u, err := url.Parse(c.Server)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("the server %q must be a URL such as http://127.0.0.1:8480", c.Server)
	}
	if c.Project == "" {
		return nil, errors.New("the project is missing")
	}
	transport := c.Transport
	if transport == nil {
		transport = &http.Transport{Proxy: http.ProxyFromEnvironment, IdleConnTimeout: time.Minute}
	}
	server := strings.TrimRight(c.Server, "/")
	return &Client{
		server:  server,
		name:    c.Project,
		project: server + "/v1.0/" + url.PathEscape(c.Project),

		functionsURL: server + "/v2/" + url.PathEscape(c.Project) + "/fgs/functions",
		http:         &http.Client{Transport: transport, CheckRedirect: refuseRedirect},

		authorize: c.Authorize,
	}, nil
}

// refuseRedirect keeps a call where it was sent: the API knows no redirects,
// and a repeated start elsewhere would be a second execution.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// call is one request of the API and where its answer goes.
type call struct {
	method     string
	base       string   // URL; empty: the project's
	path       []string // segments below the base, not escaped
	query      url.Values
	header     map[string]string
	body       any          // nil sends none
	answer     any          // nil expects none; left as it is if there is none
	answered   *http.Header // of the answer; nil if nobody asks
	repeatable bool
	wait       time.Duration // that the server may take on purpose
}

// Ready returns nil if the server takes new executions.
func (c *Client) Ready(ctx context.Context) error {
	return c.do(ctx, call{method: http.MethodGet, base: c.server, path: []string{"readyz"}})
}

// do makes the call, and again while the server is busy and that is safe.
func (c *Client) do(ctx context.Context, k call) error {
	var body []byte
	if k.body != nil {
		var err error
		if body, err = encode(k.body); err != nil {
			return fmt.Errorf("encode the request: %w", err)
		}
	}
	for try := 1; ; try++ {
		err := c.try(ctx, k, body)
		pause, again := repeatAfter(k, err, try)
		if !again {
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// try makes the call once.
func (c *Client) try(ctx context.Context, k call, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout+k.wait)
	defer cancel()
	target := c.url(k)
	req, err := http.NewRequestWithContext(ctx, k.method, target, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s %s: %w", k.method, target, err)
	}
	if k.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range k.header {
		req.Header.Set(name, value)
	}
	if c.authorize != nil {
		c.authorize(req, body)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err // a *url.Error, which names method and URL
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, answerMax))
	if err != nil {
		return fmt.Errorf("%s %s: read the answer: %w", k.method, target, err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return errorFromResponse(resp, answer)
	}
	if k.answered != nil {
		*k.answered = resp.Header
	}
	if k.answer == nil || resp.StatusCode == http.StatusNoContent {
		return nil
	}
	if err := json.Unmarshal(answer, k.answer); err != nil {
		return fmt.Errorf("%s %s: the answer is not what the API documents: %w", k.method, target, err)
	}
	return nil
}

func (c *Client) url(k call) string {
	var b strings.Builder
	b.WriteString(cmp.Or(k.base, c.project))
	for _, segment := range k.path {
		b.WriteString("/")
		b.WriteString(url.PathEscape(segment))
	}
	if len(k.query) > 0 {
		b.WriteString("?")
		b.WriteString(k.query.Encode())
	}
	return b.String()
}

// encode writes v as JSON and leaves <, > and & as they are: a definition
// should arrive as its author wrote it.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
