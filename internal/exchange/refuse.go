package exchange

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
)

// Prepared is a refusal that has been encoded once and for all: one of which
// there may be thousands in a second.
type Prepared struct {
	status int
	header http.Header
	body   []byte
	length []string // of the body
}

// Prepare encodes a refusal.
func Prepare(r Refusal) Prepared {
	var body bytes.Buffer
	// The bodies of refusals hold nothing that could not be encoded.
	_ = json.MarshalWrite(&body, r.Body, allowAnyBytes)
	return Prepared{r.Status, r.Header, body.Bytes(), []string{strconv.Itoa(body.Len())}}
}

// silence is how long nothing more is read of a connection on which a request was
// refused at once. Who comes again at once makes work that those pay for who were
// let in: so he gets his answer, and no second one before that.
const silence = 50 * time.Millisecond

// Refuse answers a request with the refusal and does nothing else for it: there is
// no time limit, no check and no log line. It returns once the connection may be
// read again.
func (p Prepared) Refuse(w http.ResponseWriter, r *http.Request) {
	out := outgoing{id: requestID(r), secure: r.TLS != nil, to: w}
	out.addHeader(p.header)
	w.Header()["Content-Length"] = p.length
	out.begin(p.status)
	// An error means that the caller is gone, and there is nobody to tell.
	_, _ = w.Write(p.body)
	keepSilent(w, r)
}

// keepSilent sends what has been answered, and lets the silence pass.
func keepSilent(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor > 1 || shared(r.Context()) {
		return // others have requests on the same connection
	}
	if http.NewResponseController(w).Flush() == nil {
		time.Sleep(silence)
	}
}

type sharedKey struct{}

// Shared marks the context of a request whose connection is that of many callers,
// as a proxy's is.
func Shared(ctx context.Context) context.Context { return context.WithValue(ctx, sharedKey{}, true) }

func shared(ctx context.Context) bool { return ctx.Value(sharedKey{}) != nil }
