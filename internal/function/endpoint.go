package function

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// endpoint is a function behind a URL. It is never changed once made.
type endpoint struct {
	client *client
	url    *url.URL
	header http.Header // that every request carries
	masks  Masks       // of the values that were declared
}

// newEndpoint returns what is wrong with the declaration of an endpoint; each
// error begins with the name of the field. It repeats neither the URL nor the
// value of a header, which may hold secrets.
func newEndpoint(c *client, address string, headers map[string]string) (*endpoint, []error) {
	var problems []error
	u, err := parseURL(address)
	if err != nil {
		problems = append(problems, fmt.Errorf("url: %w", err))
	}
	header := http.Header{
		"Content-Type": {"application/json"},
		"User-Agent":   {"heddle"},
		// The key without a value is not sent. It lets the transport repeat a
		// request that met a kept connection just as its server closed it: that
		// is not the function's failure, and the invocation id tells a function
		// that did begin that this is the same call.
		"Idempotency-Key": {},
	}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if err := checkHeader(name, headers[name]); err != nil {
			problems = append(problems, fmt.Errorf("headers: %q %w", name, err))
			continue
		}
		header.Set(name, headers[name])
	}
	return &endpoint{client: c, url: u, header: header, masks: NewMasks(maps.Values(headers))}, problems
}

func parseURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, errors.New("it must be an absolute http or https URL, such as http://127.0.0.1:9000/hello")
	case u.User != nil:
		return nil, errors.New("it must not hold a user name or password: declare an Authorization header")
	case u.Fragment != "":
		return nil, errors.New("it must not have a fragment, which is never sent")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return nil, errors.New("its port must be a number from 1 to 65535")
		}
	}
	return u, nil
}

// reservedHeaders are those that no declaration may set: the package sets them
// itself, or they belong to the connection and not to the call.
var reservedHeaders = map[string]bool{
	"Accept-Encoding":   true, // answers are not decompressed
	"Connection":        true,
	"Content-Encoding":  true,
	"Content-Length":    true,
	"Content-Type":      true,
	"Expect":            true,
	"Host":              true,
	"Idempotency-Key":   true,
	"Keep-Alive":        true,
	"Te":                true,
	"Traceparent":       true,
	"Trailer":           true,
	"Transfer-Encoding": true,
	"Upgrade":           true,
}

// tokenCharacters may stand in the name of a header (RFC 9110, section 5.6.2).
const tokenCharacters = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func checkHeader(name, value string) error {
	canonical := http.CanonicalHeaderKey(name)
	switch {
	case name == "" || strings.Trim(name, tokenCharacters) != "":
		return errors.New("is not a header name: letters, digits and '-' are right")
	case reservedHeaders[canonical] || strings.HasPrefix(canonical, "X-Heddle-") || strings.HasPrefix(canonical, "Proxy-"):
		return errors.New("is set by Heddle itself and must not be declared")
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r > '~' }):
		return errors.New("has a value with characters other than visible ASCII, blank and tab")
	}
	return nil
}

// request returns the HTTP request of a call.
func (e *endpoint) request(ctx context.Context, r Request) *http.Request {
	header := make(http.Header, len(e.header)+len(callHeaders))
	maps.Copy(header, e.header)
	r.AddHeaders(header)
	body := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(r.Input)), nil }
	request := &http.Request{
		Method:        http.MethodPost,
		URL:           e.url,
		Host:          e.url.Host,
		Header:        header,
		ContentLength: int64(len(r.Input)),
		GetBody:       body,
	}
	request.Body, _ = body()
	return request.WithContext(ctx)
}

// Invoke posts the input to the URL.
func (e *endpoint) Invoke(ctx context.Context, r Request) Result {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	if r.Async {
		return e.handOver(ctx, r)
	}
	response, err := e.client.send(e.request(ctx, r))
	if err != nil {
		return broken(ctx, r, err)
	}
	defer response.Body.Close()
	return e.client.result(ctx, r, response, e.masks)
}
