package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"heddle/internal/audit"
	"heddle/internal/store"
)

// Audit appends entries to the audit log. Who appends waits for whoever does it
// already: the hash of the last record is needed.
func (s *Store) Audit(ctx context.Context, entries []audit.Entry) (records []audit.Record, err error) {
	err = s.write(ctx, "append to audit log", func(ctx context.Context, c *conn) error {
		// A lock on the table would have to wait for VACUUM, too.
		if _, err := c.exec(ctx, "SELECT pg_advisory_xact_lock('audit'::regclass::oid::bigint)"); err != nil {
			return err
		}
		tip, err := auditTip(ctx, c)
		if err != nil {
			return err
		}
		records = tip.Append(entries)
		var b pgx.Batch
		for _, r := range records {
			b.Queue("INSERT INTO audit ("+auditColumns+`)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
				r.Number, r.Hash[:], int64(r.At), string(r.Stage), r.Of, r.Action, r.User, r.Access, r.Project, r.Object, r.Detail,
				r.Address, r.Request, r.Status, r.Code, r.Left)
		}
		return c.send(ctx, &b)
	})
	if err != nil {
		return nil, err
	}
	return records, nil
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

const auditColumns = `number, hash, at, stage, of, action, "user", access, project, object, detail, address, request, status, code, "left"`

// The pieces of the queries on the log. $1 to $3 are whose records are looked at,
// behind which number, and how many.
const (
	auditOldest = " AND number > $2 ORDER BY number"
	auditNewest = " AND number < $2 ORDER BY number DESC"

	auditLooked = "SELECT " + auditColumns + " FROM (SELECT * FROM audit WHERE "
	auditChosen = ` LIMIT $3) looked
		WHERE ($4 = '' OR object = $4) AND ($5 = '' OR "user" = $5) AND ($6 = '' OR project = $6)
			AND ($7 = '' OR access = $7) AND ($8 = '' OR action = $8) AND at >= $9 AND ($10 = 0 OR at < $10)
		ORDER BY number`

	auditLast    = "SELECT number FROM audit WHERE "
	auditLastEnd = " LIMIT 1 OFFSET $3 - 1"
)

// auditScopes say whose records are looked at. Each has an index.
var auditScopes = map[store.AuditScope]string{
	store.AuditOfObject:  "object = $1",
	store.AuditOfUser:    `"user" = $1`,
	store.AuditOfProject: "project = $1",
	store.AuditOfAll:     "$1 = ''",
}

// AuditLog returns a page of the audit log.
func (s *Store) AuditLog(ctx context.Context, f store.AuditFilter, page store.AuditPage) (records []audit.Record, next int64, err error) {
	scope, of := f.Scope()
	looked, end := auditScopes[scope]+auditNewest, " DESC LIMIT $11"
	if page.Ascending {
		looked, end = auditScopes[scope]+auditOldest, " LIMIT $11"
	}
	err = s.readOnce(ctx, "read audit log", func(ctx context.Context, c *conn) (err error) {
		records, err = collect(ctx, c, auditFromRow, auditLooked+looked+auditChosen+end,
			of, page.Start(), page.Looks,
			f.Object, f.User, f.Project, f.Access, f.Action, int64(f.Since), int64(f.Until), page.Limit)
		if err != nil {
			return err
		}
		if n := len(records); n > 0 && n == page.Limit {
			next = records[n-1].Number
			return nil
		}
		err = c.row(ctx, auditLast+looked+auditLastEnd, []any{of, page.Start(), page.Looks}, &next)
		if errors.Is(err, store.ErrNotFound) { // fewer were left to look at
			return nil
		}
		return err
	})
	return records, next, err
}

func auditFromRow(row pgx.CollectableRow) (r audit.Record, err error) {
	var hash []byte
	err = row.Scan(&r.Number, &hash, &r.At, &r.Stage, &r.Of, &r.Action, &r.User, &r.Access, &r.Project, &r.Object, &r.Detail,
		&r.Address, &r.Request, &r.Status, &r.Code, &r.Left)
	copy(r.Hash[:], hash)
	return r, err
}
