package exchange

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// Why a request is refused whatever it asks for.
var (
	// ErrOrigin says that a browser sent a request for a page of another origin.
	ErrOrigin = errors.New("a browser sent the request for a page of another origin")
	// ErrHost says that a request is for another host than this. A browser sends
	// such requests for a page whose name was made to lead here.
	ErrHost = errors.New("the request is for another host")
	// ErrHeader says that a request's header is too large.
	ErrHeader = errors.New("the header is too large: it may have 64 fields, cookies among them, and 16 KiB")
)

// The limits of a request's header. Those of net/http are less exact, and there
// is none to the number of fields.
const (
	HeaderBytesMax  = 16 << 10
	headerFieldsMax = 64
)

// Hosts returns nil if requests may be for the host, as the header Host names it,
// else an error that wraps ErrHost or tells what kept it from knowing.
type Hosts func(ctx context.Context, host string) error

// screen returns why a request is refused whatever it asks for, or nil.
func (a *Adapter) screen(ctx context.Context, r *http.Request) error {
	switch {
	case !fits(r):
		return ErrHeader
	case a.origins.Check(r) != nil:
		return ErrOrigin
	case a.cfg.Hosts != nil:
		return a.cfg.Hosts(ctx, r.Host)
	}
	return nil
}

// fits reports whether the header of a request is within the limits.
func fits(r *http.Request) bool {
	const overhead = len(": \r\n")
	fields := 0
	bytes := len(r.Method) + len(r.RequestURI) + len(r.Host)
	for name, values := range r.Header {
		for _, value := range values {
			fields++
			bytes += len(name) + len(value) + overhead
		}
	}
	for _, cookies := range r.Header["Cookie"] {
		fields += strings.Count(cookies, ";") // HTTP/2 may have one field for each
	}
	return fields <= headerFieldsMax && bytes <= HeaderBytesMax
}
