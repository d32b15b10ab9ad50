package store

import (
	"context"
	"math"

	"heddle/internal/audit"
	"heddle/internal/journal"
)

// Audit keeps the audit log. Nothing in it is ever changed or removed.
type Audit interface {
	// Audit appends entries in their order, all or none: records are numbered without
	// gaps, and each hash follows from the one before, whoever appends at the same
	// time. Who gets ErrOutcomeUnknown must not repeat it: they may be there.
	Audit(ctx context.Context, entries []audit.Entry) ([]audit.Record, error)
	// AuditLog returns a page of the records that match, by number, and the number
	// behind which the next page begins, 0 if this one has come to the end.
	AuditLog(ctx context.Context, f AuditFilter, page AuditPage) (records []audit.Record, next int64, err error)
}

// AuditFilter chooses records. A field that is not set chooses all.
type AuditFilter struct {
	Project string
	User    string
	Access  string
	Action  string
	Object  string
	Since   journal.Millis // at that moment or later
	Until   journal.Millis // before that moment
}

// AuditPage is a part of the log. It has Limit records at most, and fewer where
// Looks records have been looked at: those of the object, of the user or of the
// project if the filter says one, else all.
type AuditPage struct {
	After     int64 // the number behind which it begins, in its order; 0: at the beginning
	Limit     int
	Looks     int
	Ascending bool
}

// Start returns the number behind which the page begins.
func (p AuditPage) Start() int64 {
	if p.After == 0 && !p.Ascending {
		return math.MaxInt64
	}
	return p.After
}

// AuditScope is what records are found by, beside their numbers.
type AuditScope string

// The scopes, from the narrowest.
const (
	AuditOfObject  AuditScope = "object"
	AuditOfUser    AuditScope = "user"
	AuditOfProject AuditScope = "project"
	AuditOfAll     AuditScope = ""
)

// Scope returns the narrowest scope that has all that the filter chooses, and
// whose it is.
func (f AuditFilter) Scope() (AuditScope, string) {
	switch {
	case f.Object != "":
		return AuditOfObject, f.Object
	case f.User != "":
		return AuditOfUser, f.User
	case f.Project != "":
		return AuditOfProject, f.Project
	}
	return AuditOfAll, ""
}

// Chooses reports whether the filter chooses an entry.
func (f AuditFilter) Chooses(e audit.Entry) bool {
	for _, c := range [][2]string{
		{f.Project, e.Project}, {f.User, e.User}, {f.Access, e.Access}, {f.Action, e.Action}, {f.Object, e.Object},
	} {
		if want, is := c[0], c[1]; want != "" && is != want {
			return false
		}
	}
	return e.At >= f.Since && (f.Until == 0 || e.At < f.Until)
}
