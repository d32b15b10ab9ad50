package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"math"

	"heddle/internal/audit"
	"heddle/internal/store"
)

// Audit appends an entry to the audit log.
func (s *Store) Audit(ctx context.Context, e audit.Entry) (audit.Record, error) {
	var r audit.Record
	err := s.write(ctx, "append to audit log", func(ctx context.Context, c *conn) error {
		tip, err := auditTip(ctx, c)
		if err != nil {
			return err
		}
		r = tip.Next(e)
		_, err = c.exec(ctx, `
			INSERT INTO audit
				(number, hash, at, stage, of, action, user, access, project, object, address, request, status, code, left)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			r.Number, r.Hash[:], int64(r.At), string(r.Stage), r.Of, r.Action, r.User, r.Access, r.Project, r.Object,
			r.Address, r.Request, r.Status, r.Code, r.Left)
		return err
	})
	if err != nil {
		return audit.Record{}, err
	}
	return r, nil
}

func auditTip(ctx context.Context, c *conn) (tip audit.Tip, err error) {
	var hash []byte
	err = c.row(ctx, "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1", nil, &tip.Number, &hash)
	if errors.Is(err, store.ErrNotFound) {
		return audit.Tip{}, nil
	}
	copy(tip.Hash[:], hash)
	return tip, err
}

const auditColumns = "number, hash, at, stage, of, action, user, access, project, object, address, request, status, code, left"

// The audit log by its users, by its projects, or as a whole: each has an index.
const (
	auditConditions = `
		(?1 = '' OR project = ?1) AND (?2 = '' OR user = ?2) AND (?3 = '' OR action = ?3)
		AND at >= ?4 AND (?5 = 0 OR at < ?5)`
	auditAscending  = "SELECT " + auditColumns + " FROM audit WHERE number > ?6 AND " + auditConditions + " ORDER BY number LIMIT ?7"
	auditDescending = "SELECT " + auditColumns + " FROM audit WHERE number < ?6 AND " + auditConditions + " ORDER BY number DESC LIMIT ?7"
)

// AuditLog returns a page of the audit log.
func (s *Store) AuditLog(ctx context.Context, f store.AuditFilter, page store.AuditPage) (records []audit.Record, err error) {
	query, after := auditAscending, page.After
	if !page.Ascending {
		query = auditDescending
		if after == 0 {
			after = math.MaxInt64
		}
	}
	err = s.read(ctx, "read audit log", func(c *conn) (err error) {
		records, err = collect(ctx, c, auditFromRow, query,
			f.Project, f.User, f.Action, int64(f.Since), int64(f.Until), after, page.Limit)
		return err
	})
	return records, err
}

func auditFromRow(rows *sql.Rows) (r audit.Record, err error) {
	var hash []byte
	err = rows.Scan(&r.Number, &hash, &r.At, &r.Stage, &r.Of, &r.Action, &r.User, &r.Access, &r.Project, &r.Object,
		&r.Address, &r.Request, &r.Status, &r.Code, &r.Left)
	copy(r.Hash[:], hash)
	return r, err
}
