package api

import (
	"context"
	"errors"

	"heddle/internal/audit"
	"heddle/internal/store"
)

// auditVerification says whether the audit log confirms itself.
type auditVerification struct {
	Whole  bool   `json:"whole"`
	Last   string `json:"last"`            // the last record that is verified; "" of an empty log
	More   bool   `json:"more,omitzero"`   // there may be records behind it
	Broken int64  `json:"broken,omitzero"` // the number of the first record that is not as it was entered
	Fault  string `json:"fault,omitzero"`
}

// How many records one call verifies: it takes about half a second.
const (
	verifyPages = 100
	verifyPage  = 1000
)

// verifyAudit computes the hashes of the audit log anew, behind what the caller has
// kept of it.
func (a *API) verifyAudit(ctx context.Context, r *request) (any, error) {
	q, err := r.query()
	if err != nil {
		return nil, err
	}
	var known audit.Tip
	if text := q.text("after"); text != "" {
		if known, err = audit.ParseTip(text); err != nil {
			return nil, refuse(codeQuery, "after is %q; %v", text, err)
		}
	}
	var v auditVerification
	pages := 0
	end, err := audit.Verify(known, func(after int64) ([]audit.Record, error) {
		if v.More = pages == verifyPages; v.More {
			return nil, nil
		}
		pages++
		page := store.AuditPage{After: after, Limit: verifyPage, Looks: verifyPage, Ascending: true}
		records, _, err := a.store.AuditLog(ctx, store.AuditFilter{}, page)
		return records, err
	})
	var broken *audit.Broken
	switch {
	case errors.As(err, &broken):
		v.Broken, v.Fault = broken.Number, broken.What
	case err != nil:
		return nil, err
	default:
		v.Whole = true
	}
	if end.Hash != (audit.Hash{}) {
		v.Last = end.String()
	}
	return v, nil
}
