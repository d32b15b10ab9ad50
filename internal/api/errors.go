package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"heddle/internal/engine"
	"heddle/internal/exchange"
	"heddle/internal/identity"
	"heddle/internal/store"
)

// refusal is an error as the caller gets it.
type refusal struct {
	code    string
	message string   // what is wrong, and what would be right
	details []detail // all faults of a definition
	status  int      // 0: the code's own
	header  http.Header
}

// detail is one fault of a definition.
type detail struct {
	Code    string `json:"code"`
	Path    string `json:"path"` // JSON pointer into the definition
	Message string `json:"message"`
}

func (r *refusal) Error() string { return r.code + " " + r.message }

func refuse(code, format string, args ...any) *refusal {
	return &refusal{code: code, message: fmt.Sprintf(format, args...)}
}

// soon is the header of an answer after which the same may be asked again.
func soon() http.Header { return http.Header{"Retry-After": {"1"}} }

// refuseForNow is for what may be asked again soon: nothing has happened.
func refuseForNow(code, format string, args ...any) *refusal {
	r := refuse(code, format, args...)
	r.header = soon()
	return r
}

// doubt is the answer to a request that may have been carried out. One with an
// idempotency key may be repeated all the same.
func doubt(r *request) *refusal {
	if !r.keyed {
		return refuse(codeOutcomeUnknown, "the request may or may not have been carried out; look before you repeat it")
	}
	d := refuse(codeOutcomeUnknown, "the request may or may not have been carried out; repeat it under the same Idempotency-Key")
	d.header = soon()
	return d
}

// refusalFor turns any error of an endpoint into what the caller is told. The
// text of an unexpected one stays in the log, under the request's id.
func refusalFor(err error, req *request) *refusal {
	var r *refusal
	switch {
	case errors.As(err, &r):
		return r
	case errors.Is(err, exchange.ErrOrigin), errors.Is(err, exchange.ErrHost):
		return refuse(codeForbidden, "%v", err)
	case errors.Is(err, exchange.ErrHeader):
		fault := refuse(codeParameter, "%v", err)
		fault.status = http.StatusRequestHeaderFieldsTooLarge
		return fault
	case errors.Is(err, identity.ErrNoCredential):
		return refuse(credentialCode(req, codeNoCredential), "send a token as %s, or sign the request with an access key", identity.TokenHeader)
	case errors.Is(err, identity.ErrBadCredential):
		return refuse(credentialCode(req, codeBadCredential), "the token or the signature is wrong")
	case errors.Is(err, identity.ErrScheme):
		return refuse(credentialCode(req, codeBadCredential), "%v", err)
	case errors.Is(err, identity.ErrExpired):
		return refuse(credentialCode(req, codeExpired), "get a new token, or set the clock right by which requests are signed")
	case errors.Is(err, identity.ErrOtherProject):
		return refuse(codeForbidden, "%v", err)
	case errors.Is(err, identity.ErrForbidden):
		return refuse(codeForbidden, "the caller may not do that in the project")
	case errors.Is(err, identity.ErrTooMany):
		return refuseForNow(codeRateLimited, "too many wrong credentials came from there; nothing has happened, try again")
	case errors.Is(err, identity.ErrRate):
		return refuseForNow(codeRateLimited, "the project sends too many requests; nothing has happened, try again")
	case errors.Is(err, engine.ErrOverloaded):
		return refuseForNow(codeUnavailable, "too much is going on at once; nothing has happened, try again")
	case errors.Is(err, engine.ErrShareUsed):
		return refuseForNow(codeRateLimited, "too much of this project is going on at once; nothing has happened, try again")
	case errors.Is(err, store.ErrFull):
		return refuseForNow(codeRateLimited, "too much waits to be worked off; nothing has happened, try again")
	case errors.Is(err, engine.ErrDraining):
		return refuseForNow(codeUnavailable, "the service is starting or shutting down; nothing has happened, try again")
	case errors.Is(err, store.ErrOutcomeUnknown):
		return doubt(req)
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, store.ErrFenced), errors.Is(err, store.ErrStopped):
		return refuseForNow(codeUnavailable, "the storage does not take part now; nothing has happened, try again")
	case errors.Is(err, engine.ErrKeyReused):
		return refuse(codeKeyReused, "Idempotency-Key stood on another request before; send a new key")
	case outOfTime(err) && req.Method != http.MethodGet:
		return doubt(req)
	case outOfTime(err):
		return refuseForNow(codeUnavailable, "the answer took too long")
	}
	return refuse(codeInternal, inTheLog)
}

// credentialCode is the code of a credential that does not pass: worker messages
// have one of their own for all of them.
func credentialCode(req *request, usual string) string {
	if strings.HasSuffix(req.URL.Path, workerMessages) {
		return codeMessageCredential
	}
	return usual
}

const inTheLog = "the log of the service says more under the request's id (X-Request-Id)"

// orFault gives an unexpected error the code of the part of the service that met
// it.
func orFault(err error, r *request, code string) error {
	if err == nil || refusalFor(err, r).code != codeInternal {
		return err
	}
	return fmt.Errorf("%w: %w", refuse(code, inTheLog), err)
}

func outOfTime(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// errorShape makes the body of an error.
type errorShape func(r *refusal, message string) any

type plainError struct {
	Code    string   `json:"error_code"`
	Message string   `json:"error_msg"`
	Details []detail `json:"details,omitempty"`
}

func plainErrors(r *refusal, message string) any {
	return plainError{r.code, message, r.details}
}

type nestedError struct {
	Error struct {
		Message string `json:"message"`
		Code    string `json:"code"`
	} `json:"error"`
}

// nestedErrors is the shape that the quota calls alone have.
func nestedErrors(r *refusal, message string) any {
	var e nestedError
	e.Error.Message, e.Error.Code = message, r.code
	return e
}

// as returns the refusal in a shape.
func (r *refusal) as(shape errorShape) exchange.Refusal {
	c := codes[r.code]
	return exchange.Refusal{
		Status: cmp.Or(r.status, c.status),
		Header: r.header,
		Body:   shape(r, c.meaning+": "+r.message),
	}
}
