package functionapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"heddle/internal/admission"
	"heddle/internal/exchange"
	"heddle/internal/function/catalog"
	"heddle/internal/identity"
	"heddle/internal/store"
)

// refusal is an error as the caller gets it.
type refusal struct {
	code    string
	message string // what is wrong, and what would be right
	status  int    // 0: the code's own
	header  http.Header
}

func (r *refusal) Error() string { return r.code + " " + r.message }

func refuse(code, format string, args ...any) *refusal {
	return &refusal{code: code, message: fmt.Sprintf(format, args...)}
}

// refuseForNow is for what may be asked again soon: nothing has happened.
func refuseForNow(code, format string, args ...any) *refusal {
	r := refuse(code, format, args...)
	r.header = http.Header{"Retry-After": {"1"}}
	return r
}

// errorBody is the shape of an error: the official SDKs read the first two, and
// the request's id from the header.
type errorBody struct {
	Code      string `json:"error_code"`
	Message   string `json:"error_msg"`
	RequestID string `json:"request_id"`
}

// messageMax is what the published API allows, in characters.
const messageMax = 512

// as returns the refusal as it is sent.
func (r *refusal) as(requestID string) exchange.Refusal {
	c := codes[r.code]
	message := []rune(c.meaning + ": " + r.message)
	if len(message) > messageMax {
		message = append(message[:messageMax-1], '…')
	}
	return exchange.Refusal{
		Status: cmp.Or(r.status, c.status),
		Header: r.header,
		Body:   errorBody{r.code, string(message), requestID},
		Many:   r.code == codeTooMany,
	}
}

// refusalFor turns any error of an endpoint into what the caller is told. The
// text of an unexpected one stays in the log, under the request's id.
func refusalFor(err error, method string) *refusal {
	var r *refusal
	var p *catalog.Problem
	switch {
	case errors.As(err, &r):
		return r
	case errors.As(err, &p):
		return refuse(problemCodes[p.Kind], "%s", p.Message)
	case errors.Is(err, exchange.ErrOrigin), errors.Is(err, exchange.ErrHost):
		return refuse(codeForbidden, "%v", err)
	case errors.Is(err, exchange.ErrHeader):
		fault := refuse(codeParameter, "%v", err)
		fault.status = http.StatusRequestHeaderFieldsTooLarge
		return fault
	case errors.Is(err, identity.ErrNoCredential), errors.Is(err, identity.ErrBadCredential), errors.Is(err, identity.ErrScheme), errors.Is(err, identity.ErrExpired):
		return refuse(codeUnauthorized, "%v; send a token as %s, or sign the request with an access key", err, identity.TokenHeader)
	case errors.Is(err, identity.ErrOtherProject):
		return refuse(codeForbidden, "%v", err)
	case errors.Is(err, identity.ErrForbidden):
		return refuse(codeForbidden, "the caller may not do that in the project")
	case errors.Is(err, identity.ErrTooMany), errors.Is(err, identity.ErrRate):
		return refuseForNow(codeTooMany, "%v; nothing has happened, try again", err)
	case errors.Is(err, admission.ErrFull), errors.Is(err, admission.ErrShare), errors.Is(err, store.ErrFull):
		return refuseForNow(codeTooMany, "too much is going on at once; nothing has happened, try again")
	case errors.Is(err, store.ErrNotFound): // it was deleted between two looks
		return refuse(codeNoFunction, "the function has been deleted")
	case errors.Is(err, store.ErrOutcomeUnknown):
		return doubt()
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, store.ErrStopped):
		return refuseForNow(codeUnavailable, "the storage does not take part now; nothing has happened, try again")
	case outOfTime(err) && method != http.MethodGet:
		return doubt()
	case outOfTime(err):
		return refuseForNow(codeUnavailable, "the answer took too long")
	}
	return refuse(codeInternal, "the log of the service says more under the request's id (X-Request-Id)")
}

func doubt() *refusal {
	return refuse(codeOutcomeUnknown, "the request may or may not have been carried out; look before you repeat it")
}

func outOfTime(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}
