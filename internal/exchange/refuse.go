package exchange

import "net/http"

// Refuse answers a request with a refusal and does nothing else for it: there is
// no time limit, no check and no log line. It is for refusals of which there may
// be thousands in a second.
func Refuse(w http.ResponseWriter, r *http.Request, refusal Refusal) {
	out := newOutgoing(w, r, requestID(r))
	defer out.release()
	out.finish(out.refuse(refusal))
}
