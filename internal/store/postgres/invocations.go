package postgres

import (
	"context"
	"errors"
	"math"

	"github.com/jackc/pgx/v5"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// AddInvocation stores an invocation that waits.
func (s *Store) AddInvocation(ctx context.Context, inv store.Invocation, waitingMax int) error {
	return s.write(ctx, "add invocation", func(ctx context.Context, c *conn) error {
		if err := c.row(ctx, "SELECT 1 FROM functions WHERE id = $1 AND NOT deleted FOR SHARE", []any{inv.Function}, new(int)); err != nil {
			return err
		}
		var waiting int
		if err := c.row(ctx, "SELECT count(*) FROM function_invocations WHERE function = $1 AND status = 'WAIT'",
			[]any{inv.Function}, &waiting); err != nil {
			return err
		}
		if waiting >= waitingMax {
			return store.ErrFull
		}
		_, err := c.exec(ctx, `
			INSERT INTO function_invocations (id, function, qualifier, event, status, created_at, due)
			VALUES ($1, $2, $3, $4, 'WAIT', $5, $6)`,
			inv.ID[:], inv.Function, inv.Qualifier, []byte(inv.Event), inv.CreatedAt, inv.Due)
		return err
	})
}

// invocationColumns are those of a store.Invocation but its event, in the order
// of invocationDestinations, from function_invocations i.
const invocationColumns = `i.id, i.function, i.qualifier, i.status, i.created_at, i.due, i.attempt, i.failures, i.ended_at, i.error_code, i.error`

func invocationDestinations(inv *store.Invocation) []any {
	return []any{(*byteaID)(&inv.ID), &inv.Function, &inv.Qualifier, &inv.Status, &inv.CreatedAt, &inv.Due,
		&inv.Attempt, &inv.Failures, &inv.EndedAt, &inv.ErrorCode, &inv.Error}
}

// ClaimInvocations gives a node invocations that are due. It passes over those
// that another node is about to claim.
func (s *Store) ClaimInvocations(ctx context.Context, cl store.Claim) ([]store.Claimed, error) {
	var claimed []store.Claimed
	err := s.write(ctx, "claim invocations", func(ctx context.Context, c *conn) (err error) {
		claimed, err = collect(ctx, c, claimedFromRow, `
			SELECT `+invocationColumns+`, i.event, f.project, f.package, f.name
			FROM function_invocations i JOIN functions f ON f.id = i.function
			WHERE i.ended_at = 0 AND i.due <= $1 AND NOT f.deleted AND i.function <> ALL($2::bigint[])
			ORDER BY i.due LIMIT $3
			FOR UPDATE OF i SKIP LOCKED`,
			cl.Now, ids(cl.Except), cl.Limit)
		if err != nil {
			return err
		}
		claims := make([][]byte, len(claimed))
		for i := range claimed {
			inv := &claimed[i].Invocation
			inv.Status, inv.Due = store.InvocationRunning, cl.Until
			inv.Attempt++
			claims[i] = inv.ID[:]
		}
		_, err = c.exec(ctx, `
			UPDATE function_invocations SET status = 'RUNNING', node = $1, due = $2, attempt = attempt + 1
			WHERE id = ANY($3)`,
			cl.Node, cl.Until, claims)
		return err
	})
	return claimed, err
}

// ids are the elements of a bigint array, which is not null.
func ids(functions []store.FunctionID) []int64 {
	all := make([]int64, len(functions))
	for i, id := range functions {
		all[i] = int64(id)
	}
	return all
}

func claimedFromRow(row pgx.CollectableRow) (cl store.Claimed, err error) {
	var event []byte
	err = row.Scan(append(invocationDestinations(&cl.Invocation), &event, &cl.Name.Project, &cl.Name.Package, &cl.Name.Name)...)
	cl.Event = string(event)
	return cl, err
}

// KeepInvocations puts off when some of the invocations that run on a node are due.
func (s *Store) KeepInvocations(ctx context.Context, node string, ids []store.InvocationID, until journal.Millis) error {
	return s.write(ctx, "keep invocations", func(ctx context.Context, c *conn) error {
		_, err := c.exec(ctx, "UPDATE function_invocations SET due = $1 WHERE node = $2 AND status = 'RUNNING' AND id = ANY($3::bytea[])",
			until, node, column(ids, func(id store.InvocationID) []byte { return id[:] }))
		return err
	})
}

// ReleaseInvocations makes all that run on a node wait again.
func (s *Store) ReleaseInvocations(ctx context.Context, node string, now journal.Millis) (int64, error) {
	var n int64
	err := s.write(ctx, "release invocations", func(ctx context.Context, c *conn) (err error) {
		n, err = c.exec(ctx, "UPDATE function_invocations SET status = 'WAIT', due = $1 WHERE node = $2 AND status = 'RUNNING'", now, node)
		return err
	})
	return n, err
}

// SettleInvocations stores what became of attempts.
func (s *Store) SettleInvocations(ctx context.Context, all []store.Settlement) error {
	return s.write(ctx, "settle invocations", func(ctx context.Context, c *conn) error {
		var b pgx.Batch
		for _, st := range all {
			b.Queue(`
				UPDATE function_invocations
				SET status = $1, due = $2, failures = $3, ended_at = $4::bigint, error_code = $5, error = $6,
					event = CASE WHEN $4::bigint > 0 THEN '' ELSE event END
				WHERE id = $7 AND attempt = $8 AND status = 'RUNNING'`,
				st.Status, st.Due, st.Failures, st.EndedAt, st.ErrorCode, st.Error, st.ID[:], st.Attempt)
		}
		return c.send(ctx, &b)
	})
}

// NextInvocation returns when the next invocation is due.
func (s *Store) NextInvocation(ctx context.Context, except []store.FunctionID) (journal.Millis, bool, error) {
	var due journal.Millis
	err := s.read(ctx, "find the next invocation", func(ctx context.Context, c *conn) error {
		return c.row(ctx, `
			SELECT i.due FROM function_invocations i JOIN functions f ON f.id = i.function
			WHERE i.ended_at = 0 AND NOT f.deleted AND i.function <> ALL($1::bigint[])
			ORDER BY i.due LIMIT 1`,
			[]any{ids(except)}, &due)
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
		WHERE i.function = $1 AND i.created_at >= $2 AND i.created_at <= $3
		AND ($4::bytea IS NULL OR i.id = $4)
		AND (cardinality($5::text[]) = 0 OR i.status = ANY($5))`
	args := invocationArgs(f)

	var invocations []store.Invocation
	var n int64
	err := s.readOnce(ctx, "list invocations", func(ctx context.Context, c *conn) (err error) {
		if err := c.row(ctx, "SELECT count(*) "+matching, args, &n); err != nil {
			return err
		}
		invocations, err = collect(ctx, c, invocationFromRow,
			"SELECT "+invocationColumns+matching+" ORDER BY i.id DESC LIMIT $6 OFFSET $7",
			append(args, page.Limit, page.Offset)...)
		return err
	})
	return invocations, n, err
}

// invocationArgs are the arguments of a filter.
func invocationArgs(f store.InvocationFilter) []any {
	to := f.To
	if to == 0 {
		to = math.MaxInt64
	}
	var id []byte
	if f.ID != nil {
		id = f.ID[:]
	}
	statuses := make([]string, len(f.Statuses))
	for i, status := range f.Statuses {
		statuses[i] = string(status)
	}
	return []any{f.Function, f.From, to, id, statuses}
}

func invocationFromRow(row pgx.CollectableRow) (inv store.Invocation, err error) {
	err = row.Scan(invocationDestinations(&inv)...)
	return inv, err
}

// ExpireInvocations removes invocations that ended long ago, and of one deleted
// function the invocations, or the function if it has none.
func (s *Store) ExpireInvocations(ctx context.Context, endedBefore journal.Millis, limit int) (bool, error) {
	var more bool
	err := s.write(ctx, "expire invocations", func(ctx context.Context, c *conn) error {
		ended, err := c.exec(ctx, `
			DELETE FROM function_invocations WHERE id IN
				(SELECT id FROM function_invocations WHERE ended_at > 0 AND ended_at < $1 ORDER BY ended_at LIMIT $2)`,
			endedBefore, limit)
		if err != nil {
			return err
		}
		more = ended == int64(limit)

		var id store.FunctionID
		err = c.row(ctx, "SELECT id FROM functions WHERE deleted ORDER BY id LIMIT 1", nil, &id)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		more = true
		left, err := c.exec(ctx, `
			DELETE FROM function_invocations WHERE id IN
				(SELECT id FROM function_invocations WHERE function = $1 LIMIT $2)`,
			id, limit)
		if err != nil || left > 0 {
			return err
		}
		_, err = c.exec(ctx, "DELETE FROM functions WHERE id = $1", id)
		return err
	})
	return more, err
}
