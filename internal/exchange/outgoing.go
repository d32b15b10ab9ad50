package exchange

import (
	"bytes"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
)

// heldMax is how much of an answer is held until its length is known. Longer
// ones are rare, but a page of a history can be long enough to fill the memory.
const heldMax = 1 << 20

// longMin is from where on an answer is long: a shorter one is taken by the
// system at once, and the server waits for nobody.
const longMin = 64 << 10

// outgoing is an answer on its way to the caller. It is held, and sent as a
// whole once its length is known; if it grows beyond heldMax, what is there is
// sent as a 200, and the rest as it comes.
type outgoing struct {
	id      string        // of the request
	secure  bool          // it came over TLS
	timeout time.Duration // for a long answer to be taken; 0: none of its own
	begun   bool          // the header has been sent
	held    bytes.Buffer
	to      http.ResponseWriter
}

var outgoings = sync.Pool{New: func() any { return new(outgoing) }}

func newOutgoing(to http.ResponseWriter, r *http.Request, id string) *outgoing {
	o := outgoings.Get().(*outgoing)
	o.id, o.secure, o.timeout, o.begun, o.to = id, r.TLS != nil, 0, false, to
	o.held.Reset()
	return o
}

// release gives the answer up: nobody may use it after.
func (o *outgoing) release() {
	o.to = nil
	outgoings.Put(o)
}

// Write adds to the body.
func (o *outgoing) Write(part []byte) (int, error) {
	if o.begun {
		return o.to.Write(part)
	}
	if o.held.Len()+len(part) <= heldMax {
		return o.held.Write(part)
	}
	o.begin(http.StatusOK)
	if _, err := o.to.Write(o.held.Bytes()); err != nil {
		return 0, err
	}
	return o.to.Write(part)
}

// addHeader adds to the header.
func (o *outgoing) addHeader(h http.Header) {
	for name, values := range h {
		o.to.Header()[name] = values
	}
}

// refuse takes back what is held, and puts an error in its place.
func (o *outgoing) refuse(r Refusal) (status int) {
	o.addHeader(r.Header)
	o.held.Reset()
	// The bodies of refusals hold nothing that could not be encoded.
	_ = json.MarshalWrite(&o.held, r.Body, allowAnyBytes)
	return r.Status
}

// finish sends what is still held.
func (o *outgoing) finish(status int) {
	if o.begun {
		return
	}
	if status != http.StatusNoContent {
		o.to.Header()["Content-Length"] = []string{strconv.Itoa(o.held.Len())}
	}
	o.begin(status)
	// An error means that the caller is gone, and there is nobody to tell.
	_, _ = o.to.Write(o.held.Bytes())
}

// Values of headers that are the same in all answers: what comes from here is
// data, which no browser keeps, runs, shows in a frame or lets another page have.
var (
	mimeJSON   = []string{"application/json"}
	noStore    = []string{"no-store"}
	noSniff    = []string{"nosniff"}
	noContent  = []string{"default-src 'none'; frame-ancestors 'none'"}
	noReferrer = []string{"no-referrer"}
	sameOrigin = []string{"same-origin"}
	onlyTLS    = []string{"max-age=31536000"}
)

// begin sends the header.
func (o *outgoing) begin(status int) {
	h := o.to.Header()
	h["X-Request-Id"] = []string{o.id}
	h["Cache-Control"] = noStore
	h["X-Content-Type-Options"] = noSniff
	h["Content-Security-Policy"] = noContent
	h["Referrer-Policy"] = noReferrer
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	if o.secure {
		h["Strict-Transport-Security"] = onlyTLS
	}
	if status != http.StatusNoContent && h["Content-Type"] == nil {
		h["Content-Type"] = mimeJSON
	}
	if o.timeout > 0 && o.held.Len() >= longMin {
		// It fails where there is no connection, as in tests.
		_ = http.NewResponseController(o.to).SetWriteDeadline(time.Now().Add(o.timeout))
	}
	o.to.WriteHeader(status)
	o.begun = true
}
