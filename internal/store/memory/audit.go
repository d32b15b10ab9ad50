package memory

import (
	"context"
	"slices"

	"heddle/internal/audit"
	"heddle/internal/store"
)

// Audit appends entries to the audit log.
func (s *Store) Audit(ctx context.Context, entries []audit.Entry) (records []audit.Record, err error) {
	err = s.write(ctx, "Audit", func() error {
		var tip audit.Tip
		if n := len(s.auditLog); n > 0 {
			tip = s.auditLog[n-1].Tip()
		}
		records = tip.Append(entries)
		s.auditLog = append(s.auditLog, records...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return records, nil
}

// AuditLog returns a page of the audit log.
func (s *Store) AuditLog(ctx context.Context, f store.AuditFilter, page store.AuditPage) (records []audit.Record, next int64, err error) {
	err = s.read(ctx, "AuditLog", func() error {
		log := slices.Clone(s.auditLog)
		if !page.Ascending {
			slices.Reverse(log)
		}
		looks := 0
		for _, r := range log {
			behind := page.Ascending == (r.Number > page.Start()) && r.Number != page.Start()
			if !behind || !inScope(f, r.Entry) {
				continue
			}
			if looks++; f.Chooses(r.Entry) {
				records = append(records, r)
			}
			if looks == page.Looks || len(records) == page.Limit {
				next = r.Number
				break
			}
		}
		return nil
	})
	return records, next, err
}

func inScope(f store.AuditFilter, e audit.Entry) bool {
	switch scope, of := f.Scope(); scope {
	case store.AuditOfObject:
		return e.Object == of
	case store.AuditOfUser:
		return e.User == of
	case store.AuditOfProject:
		return e.Project == of
	}
	return true
}
