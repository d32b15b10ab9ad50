package client

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Error is a refusal by the server.
type Error struct {
	Status    int    // of the HTTP answer
	Code      string // FGS.1011 and so on; empty if the answer came from something else than the API
	Message   string
	RequestID string   // under which the server's log has more
	Details   []Detail // every fault of a refused definition, in order

	retryAfter time.Duration // negative: the server named none
}

// Detail is one fault of a refused definition.
type Detail struct {
	Code    string `json:"code"`
	Path    string `json:"path"` // JSON pointer into the definition
	Message string `json:"message"`
}

func (e *Error) Error() string {
	if e.Code == "" {
		return strconv.Itoa(e.Status) + " " + e.Message
	}
	return e.Code + " " + e.Message
}

// errorFromResponse reads the API's error envelope. An answer in another
// shape, from a proxy for instance, is told by its status.
func errorFromResponse(resp *http.Response, body []byte) *Error {
	var envelope struct {
		Code    string   `json:"error_code"`
		Message string   `json:"error_msg"`
		Details []Detail `json:"details"`
		Error   struct { // as the quota calls have it
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	e := &Error{
		Status:     resp.StatusCode,
		Message:    http.StatusText(resp.StatusCode),
		RequestID:  resp.Header.Get("X-Request-Id"),
		retryAfter: retryAfter(resp.Header),
	}
	if json.Unmarshal(body, &envelope) != nil {
		return e
	}
	if code := cmp.Or(envelope.Code, envelope.Error.Code); code != "" {
		e.Code, e.Message, e.Details = code, cmp.Or(envelope.Message, envelope.Error.Message), envelope.Details
	}
	return e
}

// retryAfter reads a Retry-After header of whole seconds; the API sends no dates.
func retryAfter(h http.Header) time.Duration {
	const longest = 24 * 60 * 60 // more would only overflow
	seconds, err := strconv.Atoi(strings.TrimSpace(h.Get("Retry-After")))
	if err != nil || seconds < 0 {
		return -1
	}
	return time.Duration(min(seconds, longest)) * time.Second
}
