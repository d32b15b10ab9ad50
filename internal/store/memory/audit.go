package memory

import (
	"context"
	"slices"

	"heddle/internal/audit"
	"heddle/internal/store"
)

// Audit appends an entry to the audit log.
func (s *Store) Audit(ctx context.Context, e audit.Entry) (audit.Record, error) {
	var r audit.Record
	err := s.write(ctx, "Audit", func() error {
		var tip audit.Tip
		if n := len(s.auditLog); n > 0 {
			tip = s.auditLog[n-1].Tip()
		}
		r = tip.Next(e)
		s.auditLog = append(s.auditLog, r)
		return nil
	})
	if err != nil {
		return audit.Record{}, err
	}
	return r, nil
}

// AuditLog returns a page of the audit log.
func (s *Store) AuditLog(ctx context.Context, f store.AuditFilter, page store.AuditPage) (records []audit.Record, err error) {
	err = s.read(ctx, "AuditLog", func() error {
		log := slices.Clone(s.auditLog)
		if !page.Ascending {
			slices.Reverse(log)
		}
		for _, r := range log {
			behind := page.After == 0 || page.Ascending && r.Number > page.After || !page.Ascending && r.Number < page.After
			if behind && f.Chooses(r.Entry) && len(records) < page.Limit {
				records = append(records, r)
			}
		}
		return nil
	})
	return records, err
}
