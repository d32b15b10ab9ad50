package functionapi

import (
	"cmp"
	"context"
	"net/http"

	"heddle/internal/audit"
	"heddle/internal/exchange"
	"heddle/internal/function/catalog"
)

// entry returns what the audit log says of a request.
func (r *request) entry(action string) audit.Entry {
	e := r.Entry(action, r.project)
	e.User, e.Access = r.caller.User, r.caller.Access
	return e
}

// audited makes a call that is entered in the audit log, before and after.
func (a *API) audited(ctx context.Context, r *request, called route) (answer any, err error) {
	deed, err := a.audit.Begin(ctx, r.entry(called.action))
	if err != nil {
		return nil, err
	}
	status, code := http.StatusInternalServerError, codeInternal // if it panics
	defer func() { deed.End(ctx, r.Result(status, code)) }()
	if answer, err = called.endpoint(ctx, r); err != nil {
		status, code = refusalFor(err, r.Method).sent()
		return nil, err
	}
	status, code = exchange.StatusOf(answer), ""
	return answer, nil
}

// chooseCode adds to what the audit log says which code a version has, if the
// function is not elsewhere.
func (r *request) chooseCode(v catalog.Version) {
	if v.Digest != "" {
		r.Choose("digest", v.Digest)
	}
}

// refused enters in the audit log that a caller was not let in.
func (a *API) refused(ctx context.Context, r *request, action string, reason error) {
	e := r.entry(action)
	e.Status, e.Code = refusalFor(reason, r.Method).sent()
	a.audit.Refuse(ctx, exchange.Sender(r.Request), e)
}

// sent returns the status and the code with which a refusal is sent.
func (r *refusal) sent() (status int, code string) {
	return cmp.Or(r.status, codes[r.code].status), r.code
}
