package store

import (
	"context"

	"heddle/internal/audit"
	"heddle/internal/journal"
)

// Audit keeps the audit log. Nothing in it is ever changed or removed.
type Audit interface {
	// Audit appends an entry: records are numbered without gaps, and each hash
	// follows from the one before, whoever appends at the same time.
	Audit(ctx context.Context, e audit.Entry) (audit.Record, error)
	// AuditLog returns a page of the records that match, by number.
	AuditLog(ctx context.Context, f AuditFilter, page AuditPage) ([]audit.Record, error)
}

// AuditFilter chooses records. A field that is not set chooses all.
type AuditFilter struct {
	Project string
	User    string
	Action  string
	Since   journal.Millis // at that moment or later
	Until   journal.Millis // before that moment
}

// AuditPage is a part of the log.
type AuditPage struct {
	After     int64 // the number behind which it begins, in its order; 0: at the beginning
	Limit     int
	Ascending bool
}

// Chooses reports whether the filter chooses an entry.
func (f AuditFilter) Chooses(e audit.Entry) bool {
	return (f.Project == "" || e.Project == f.Project) && (f.User == "" || e.User == f.User) && (f.Action == "" || e.Action == f.Action) &&
		e.At >= f.Since && (f.Until == 0 || e.At < f.Until)
}
