package function

import (
	"net/http"
	"net/url"
	"strconv"
)

// callHeaders name what each call says of itself, as AddHeaders fills it in.
var callHeaders = [...]string{
	"X-Heddle-Execution", "X-Heddle-State", "X-Heddle-Action",
	"X-Heddle-Attempt", "X-Heddle-Invocation-Id", "Traceparent", "X-Heddle-Callback-Url",
}

// AddHeaders adds to a header what a function may know of the call: over HTTP it
// gets them as such, elsewhere by the same names. Header values must be ASCII, so
// names that a person chose are percent-encoded as in the path of a URL.
func (r Request) AddHeaders(header http.Header) {
	values := [...]string{
		url.PathEscape(r.Execution), url.PathEscape(r.State), url.PathEscape(r.Action),
		strconv.Itoa(r.Attempt), r.InvocationID, r.Traceparent, r.CallbackURL,
	}
	for i, name := range callHeaders {
		if values[i] != "" {
			header[name] = values[i : i+1 : i+1]
		}
	}
}
