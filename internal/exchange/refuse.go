package exchange

import (
	"bytes"
	"net/http"

	"github.com/go-json-experiment/json"
)

// Prepared is a refusal that has been encoded once and for all: one of which
// there may be thousands in a second.
type Prepared struct {
	status int
	header http.Header
	body   []byte
}

// Prepare encodes a refusal.
func Prepare(r Refusal) Prepared {
	var body bytes.Buffer
	// The bodies of refusals hold nothing that could not be encoded.
	_ = json.MarshalWrite(&body, r.Body, allowAnyBytes)
	return Prepared{r.Status, r.Header, body.Bytes()}
}

// Refuse answers a request with the refusal and does nothing else for it: there is
// no time limit, no check and no log line. The length of an answer as short as
// this is left to net/http: one field more, and the header would outgrow the eight
// for which there is room.
func (p Prepared) Refuse(w http.ResponseWriter, r *http.Request) {
	out := outgoing{id: requestID(r), secure: r.TLS != nil, to: w}
	out.addHeader(p.header)
	out.begin(p.status)
	// An error means that the caller is gone, and there is nobody to tell.
	_, _ = w.Write(p.body)
}
