package api

import (
	"cmp"
	"context"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"

	"heddle/internal/audit"
	"heddle/internal/exchange"
	"heddle/internal/journal"
	"heddle/internal/store"
)

// entry returns what the audit log says of a request.
func (r *request) entry(action string) audit.Entry {
	e := r.Entry(action, r.project)
	e.User, e.Access = r.caller.User, r.caller.Access
	return e
}

// audited does what is entered in the audit log, before and after.
func (a *API) audited(ctx context.Context, r *request, action string, do endpoint) (answer any, err error) {
	deed, err := a.audit.Begin(ctx, r.entry(action))
	if err != nil {
		return nil, err
	}
	status, code := http.StatusInternalServerError, codeInternal // if it panics
	defer func() { deed.End(ctx, r.Result(status, code)) }()
	if answer, err = do(ctx, r); err != nil {
		status, code = refusalFor(err, r).sent()
		return nil, err
	}
	status, code = exchange.StatusOf(answer), ""
	return answer, nil
}

// executed does what starts executions or brings them on, which is entered only
// where all is: there are thousands in a second.
func (a *API) executed(ctx context.Context, r *request, action string, do endpoint) (any, error) {
	if !a.cfg.AuditAll {
		return do(ctx, r)
	}
	return a.audited(ctx, r, action, do)
}

// refused enters in the audit log that a caller was not let in.
func (a *API) refused(ctx context.Context, r *request, action string, reason error) {
	e := r.entry(action)
	e.Status, e.Code = refusalFor(reason, r).sent()
	a.audit.Refuse(ctx, exchange.Sender(r.Request), e)
}

// sent returns the status and the code with which a refusal is sent.
func (r *refusal) sent() (status int, code string) {
	return cmp.Or(r.status, codes[r.code].status), r.code
}

// auditRecord is a record of the audit log as it is shown: all that its hash covers.
type auditRecord struct {
	Number    int64       `json:"number"`
	At        string      `json:"at"`
	Stage     audit.Stage `json:"stage"`
	Of        int64       `json:"of,omitzero"`
	Action    string      `json:"action"`
	User      string      `json:"user"`
	AccessKey string      `json:"access_key,omitzero"`
	Project   string      `json:"project"`
	Object    string      `json:"object"`
	Detail    string      `json:"detail,omitzero"`
	Address   string      `json:"address"`
	Request   string      `json:"request_id"`
	Status    int         `json:"status,omitzero"`
	Code      string      `json:"error_code,omitzero"`
	Left      int64       `json:"left_out,omitzero"`
	Hash      string      `json:"hash"`
}

type auditAnswer struct {
	Records    []auditRecord `json:"records"`
	NextMarker string        `json:"next_marker,omitzero"` // unless this is the last page
}

// auditLooks is how many records a page is chosen from: it takes some hundredths of
// a second to look at them.
const auditLooks = 10_000

// auditLog shows the audit log: that of a project, if the path names one.
func (a *API) auditLog(ctx context.Context, r *request) (any, error) {
	q, err := r.query()
	if err != nil {
		return nil, err
	}
	paging, err := q.page(codeQuery, codeQuery)
	if err != nil {
		return nil, err
	}
	filter := store.AuditFilter{
		Project: cmp.Or(r.project, q.text("project")),
		User:    q.text("user"), Access: q.text("access_key"), Action: q.text("action"), Object: q.text("object"),
	}
	if filter.Since, err = q.moment("since"); err != nil {
		return nil, err
	}
	if filter.Until, err = q.moment("until"); err != nil {
		return nil, err
	}
	page := store.AuditPage{Limit: paging.limit, Looks: auditLooks, Ascending: paging.ascending}
	if paging.marker != "" {
		if page.After, err = strconv.ParseInt(paging.marker, 10, 64); err != nil || page.After < 1 {
			return nil, refuseMarker(paging.marker)
		}
	}
	records, next, err := a.store.AuditLog(ctx, filter, page)
	if err != nil {
		return nil, err
	}
	answer := auditAnswer{Records: []auditRecord{}}
	for _, r := range records {
		answer.Records = append(answer.Records, auditRecord{
			Number: r.Number, At: timeText(r.At), Stage: r.Stage, Of: r.Of, Action: r.Action, User: r.User, AccessKey: r.Access,
			Project: r.Project, Object: r.Object, Detail: r.Detail, Address: r.Address, Request: r.Request, Status: r.Status, Code: r.Code,
			Left: r.Left, Hash: hex.EncodeToString(r.Hash[:]),
		})
	}
	if next != 0 {
		answer.NextMarker = strconv.FormatInt(next, 10)
	}
	return answer, nil
}

// moment returns a parameter that is a time, or 0.
func (q query) moment(name string) (journal.Millis, error) {
	text := q.text(name)
	if text == "" {
		return 0, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return 0, refuse(codeQuery, "%s must be a time such as 2026-11-23T08:15:30Z, not %q", name, text)
	}
	return journal.Millis(at.UnixMilli()), nil
}
