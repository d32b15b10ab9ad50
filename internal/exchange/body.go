package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// Why a body is not read. A body that is left unread takes the connection with
// it: the answer carries Unread.
var (
	ErrNoLength = errors.New("the request needs a Content-Length, a chunked body is not taken")
	ErrBroken   = errors.New("the body ended early or took too long")
)

// TooLongError says how long a body is, and may be.
type TooLongError struct{ Length, Max int64 }

func (e *TooLongError) Error() string {
	return fmt.Sprintf("the body has %d bytes, at most %d are taken", e.Length, e.Max)
}

// Unread is the header of an answer to a request whose body was not read.
func Unread() http.Header { return http.Header{"Connection": {"close"}} }

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// keptMax is the longest body for which a buffer is kept.
const keptMax = 4 << 20

// ReadBody reads the request's body, if it is not longer than max bytes. It may be
// asked for again.
func (x *Exchange) ReadBody(max int64) (string, error) {
	switch {
	case x.body != nil:
		return *x.body, nil
	case x.ContentLength < 0:
		// A chunked body beside a length is a way to have two servers disagree
		// about where a request ends, and net/http hides that length.
		return "", ErrNoLength
	case x.ContentLength > max:
		return "", &TooLongError{x.ContentLength, max}
	}
	if x.ContentLength > keptMax {
		return x.readOnce()
	}
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	if _, err := io.Copy(buf, x.Body); err != nil {
		return "", ErrBroken
	}
	text := buf.String()
	x.body = &text
	return text, nil
}

// readOnce reads a body that is long enough to be read without a copy.
func (x *Exchange) readOnce() (string, error) {
	var text strings.Builder
	text.Grow(int(x.ContentLength))
	if _, err := io.Copy(&text, x.Body); err != nil {
		return "", ErrBroken
	}
	return text.String(), nil
}
