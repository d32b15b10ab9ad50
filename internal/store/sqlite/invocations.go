package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"strconv"
	"strings"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// AddInvocation stores an invocation that waits.
func (s *Store) AddInvocation(ctx context.Context, inv store.Invocation, waitingMax int) error {
	return s.write(ctx, "add invocation", func(ctx context.Context, c *conn) error {
		if err := c.row(ctx, "SELECT 1 FROM functions WHERE id = ? AND deleted = 0", []any{inv.Function}, new(int)); err != nil {
			return err
		}
		var waiting int
		if err := c.row(ctx, "SELECT count(*) FROM function_invocations WHERE function = ? AND status = 'WAIT'",
			[]any{inv.Function}, &waiting); err != nil {
			return err
		}
		if waiting >= waitingMax {
			return store.ErrFull
		}
		_, err := c.exec(ctx, `
			INSERT INTO function_invocations (id, function, qualifier, event, status, created_at, due)
			VALUES (?, ?, ?, ?, 'WAIT', ?, ?)`,
			inv.ID[:], inv.Function, inv.Qualifier, []byte(inv.Event), inv.CreatedAt, inv.Due)
		return err
	})
}

// invocationColumns are those of a store.Invocation but its event, in the order
// of invocationDestinations, from function_invocations i.
const invocationColumns = `i.id, i.function, i.qualifier, i.status, i.created_at, i.due, i.attempt, i.failures, i.ended_at, i.error_code, i.error`

func invocationDestinations(inv *store.Invocation) []any {
	return []any{(*blobID)(&inv.ID), &inv.Function, &inv.Qualifier, &inv.Status, &inv.CreatedAt, &inv.Due,
		&inv.Attempt, &inv.Failures, &inv.EndedAt, &inv.ErrorCode, &inv.Error}
}

// ClaimInvocations gives a node invocations that are due. CROSS JOIN keeps SQLite
// from beginning with the functions.
func (s *Store) ClaimInvocations(ctx context.Context, cl store.Claim) ([]store.Claimed, error) {
	var claimed []store.Claimed
	err := s.write(ctx, "claim invocations", func(ctx context.Context, c *conn) (err error) {
		claimed, err = collect(ctx, c, claimedFromRow, `
			SELECT `+invocationColumns+`, i.event, f.project, f.package, f.name
			FROM function_invocations i CROSS JOIN functions f ON f.id = i.function
			WHERE i.ended_at = 0 AND i.due <= ? AND f.deleted = 0 AND i.function NOT IN (SELECT value FROM json_each(?))
			ORDER BY i.due LIMIT ?`,
			cl.Now, jsonIDs(cl.Except), cl.Limit)
		if err != nil {
			return err
		}
		for i := range claimed {
			inv := &claimed[i].Invocation
			inv.Status, inv.Due = store.InvocationRunning, cl.Until
			inv.Attempt++
			if _, err := c.exec(ctx, "UPDATE function_invocations SET status = 'RUNNING', node = ?, due = ?, attempt = ? WHERE id = ?",
				cl.Node, cl.Until, inv.Attempt, inv.ID[:]); err != nil {
				return err
			}
		}
		return nil
	})
	return claimed, err
}

// jsonIDs writes ids as a JSON array, which SQLite can look into.
func jsonIDs(ids []store.FunctionID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(int64(id), 10)
	}
	return "[" + strings.Join(texts, ",") + "]"
}

func claimedFromRow(rows *sql.Rows) (cl store.Claimed, err error) {
	var event []byte
	err = rows.Scan(append(invocationDestinations(&cl.Invocation), &event, &cl.Name.Project, &cl.Name.Package, &cl.Name.Name)...)
	cl.Event = string(event)
	return cl, err
}

// KeepInvocations puts off when some of the invocations that run on a node are due.
func (s *Store) KeepInvocations(ctx context.Context, node string, ids []store.InvocationID, until journal.Millis) error {
	return s.write(ctx, "keep invocations", func(ctx context.Context, c *conn) error {
		for _, id := range ids {
			if _, err := c.exec(ctx, "UPDATE function_invocations SET due = ? WHERE node = ? AND status = 'RUNNING' AND id = ?",
				until, node, id[:]); err != nil {
				return err
			}
		}
		return nil
	})
}

// ReleaseInvocations makes all that run on a node wait again.
func (s *Store) ReleaseInvocations(ctx context.Context, node string, now journal.Millis) (int64, error) {
	var n int64
	err := s.write(ctx, "release invocations", func(ctx context.Context, c *conn) (err error) {
		n, err = c.exec(ctx, "UPDATE function_invocations SET status = 'WAIT', due = ? WHERE node = ? AND status = 'RUNNING'", now, node)
		return err
	})
	return n, err
}

// SettleInvocations stores what became of attempts.
func (s *Store) SettleInvocations(ctx context.Context, all []store.Settlement) error {
	return s.write(ctx, "settle invocations", func(ctx context.Context, c *conn) error {
		for _, st := range all {
			if _, err := c.exec(ctx, `
				UPDATE function_invocations
				SET status = ?1, due = ?2, failures = ?3, ended_at = ?4, error_code = ?5, error = ?6,
					event = CASE WHEN ?4 > 0 THEN x'' ELSE event END
				WHERE id = ?7 AND attempt = ?8 AND status = 'RUNNING'`,
				st.Status, st.Due, st.Failures, st.EndedAt, st.ErrorCode, st.Error, st.ID[:], st.Attempt); err != nil {
				return err
			}
		}
		return nil
	})
}

// NextInvocation returns when the next invocation is due.
func (s *Store) NextInvocation(ctx context.Context, except []store.FunctionID) (journal.Millis, bool, error) {
	var due journal.Millis
	err := s.readOwn(ctx, "find the next invocation", func(c *conn) error {
		return c.row(ctx, `
			SELECT i.due FROM function_invocations i CROSS JOIN functions f ON f.id = i.function
			WHERE i.ended_at = 0 AND f.deleted = 0 AND i.function NOT IN (SELECT value FROM json_each(?))
			ORDER BY i.due LIMIT 1`,
			[]any{jsonIDs(except)}, &due)
	})
	if errors.Is(err, store.ErrNotFound) {
		return 0, false, nil
	}
	return due, err == nil, err
}

// ListInvocations returns a page of a function's invocations.
func (s *Store) ListInvocations(ctx context.Context, f store.InvocationFilter, page store.Page) ([]store.Invocation, int64, error) {
	const matching = `
		FROM function_invocations i
		WHERE i.function = ?1 AND i.created_at >= ?2 AND i.created_at <= ?3
		AND (?4 IS NULL OR i.id = ?4)
		AND (?5 = '' OR instr(?5, ' ' || i.status || ' ') > 0)`
	args := invocationArgs(f)

	var invocations []store.Invocation
	var n int64
	err := s.read(ctx, "list invocations", func(c *conn) (err error) {
		if err := c.row(ctx, "SELECT count(*) "+matching, args, &n); err != nil {
			return err
		}
		invocations, err = collect(ctx, c, invocationFromRow,
			"SELECT "+invocationColumns+matching+" ORDER BY i.id DESC LIMIT ?6 OFFSET ?7",
			append(args, page.Limit, page.Offset)...)
		return err
	})
	return invocations, n, err
}

// invocationArgs are the arguments of a filter. The statuses stand in one text,
// with a blank on both sides of each.
func invocationArgs(f store.InvocationFilter) []any {
	to := f.To
	if to == 0 {
		to = math.MaxInt64
	}
	var id any
	if f.ID != nil {
		id = f.ID[:]
	}
	statuses := ""
	for _, status := range f.Statuses {
		statuses += " " + string(status) + " "
	}
	return []any{f.Function, f.From, to, id, statuses}
}

func invocationFromRow(rows *sql.Rows) (inv store.Invocation, err error) {
	err = rows.Scan(invocationDestinations(&inv)...)
	return inv, err
}

// ExpireInvocations removes invocations that ended long ago, and of one deleted
// function the invocations, or the function if it has none.
func (s *Store) ExpireInvocations(ctx context.Context, endedBefore journal.Millis, limit int) (bool, error) {
	var more bool
	err := s.write(ctx, "expire invocations", func(ctx context.Context, c *conn) error {
		ended, err := c.exec(ctx, `
			DELETE FROM function_invocations WHERE id IN
				(SELECT id FROM function_invocations WHERE ended_at > 0 AND ended_at < ? ORDER BY ended_at LIMIT ?)`,
			endedBefore, limit)
		if err != nil {
			return err
		}
		more = ended == int64(limit)

		var id store.FunctionID
		err = c.row(ctx, "SELECT id FROM functions WHERE deleted = 1 ORDER BY id LIMIT 1", nil, &id)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		more = true
		left, err := c.exec(ctx, `
			DELETE FROM function_invocations WHERE id IN
				(SELECT id FROM function_invocations WHERE function = ? LIMIT ?)`,
			id, limit)
		if err != nil || left > 0 {
			return err
		}
		_, err = c.exec(ctx, "DELETE FROM functions WHERE id = ?", id)
		return err
	})
	return more, err
}
