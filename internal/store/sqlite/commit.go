package sqlite

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"heddle/internal/store"
	"heddle/internal/store/block"
)

// Commit stores many turns in one transaction.
func (s *Store) Commit(ctx context.Context, turns []store.Turn) ([]store.Outcome, error) {
	outcomes := make([]store.Outcome, len(turns))
	err := s.transact(ctx, "commit turns", func(ctx context.Context, c *conn) error {
		b := batch{
			conn:    c,
			space:   sync.OnceValue(func() error { return checkSpace(s.dir) }),
			known:   &s.known,
			created: map[store.GraphID]int64{},
		}
		for i := range turns {
			var err error
			if outcomes[i], err = b.store(ctx, &turns[i]); err != nil {
				return err
			}
		}
		return b.count(ctx, s.keeper)
	})
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}

// batch is the turns of one transaction, with what they have in common.
type batch struct {
	*conn
	space   func() error // whether there is room for new executions
	known   *known
	created map[store.GraphID]int64 // how many executions each has got
}

// store stores one turn, or refuses it without having changed anything.
func (b *batch) store(ctx context.Context, t *store.Turn) (store.Outcome, error) {
	if err := t.Check(); err != nil {
		return store.Outcome{Err: err}, nil
	}
	if current, err := b.known.isCurrent(ctx, b.conn, t.Lease); err != nil || !current {
		return store.Outcome{Err: store.ErrFenced}, err
	}
	block, found, err := b.known.openBlock(ctx, b.conn, t.Head.Graph)
	if err != nil || !found {
		return store.Outcome{Err: store.ErrNotFound}, err
	}
	if t.After == 0 {
		return b.create(ctx, t, block)
	}
	return b.advance(ctx, t)
}

// create stores the first turn of an execution, which is added to the block.
func (b *batch) create(ctx context.Context, t *store.Turn, block int64) (store.Outcome, error) {
	h := &t.Head
	if t.Key != nil {
		if earlier, err := b.earlier(ctx, t); err != nil || earlier != nil {
			return store.Outcome{Err: store.ErrExists, Earlier: earlier}, err
		}
	}
	if t.Tick != nil {
		if due, err := due(ctx, b.conn, h.Graph, t.Tick); err != nil || !due {
			return store.Outcome{Err: store.ErrNotDue}, err
		}
	}
	if err := b.space(); err != nil {
		return store.Outcome{Err: err}, nil
	}
	n, err := b.exec(ctx, `
		INSERT INTO executions
			(graph, id, name, test, revision, status, seq, started_at, stopped_at, shard, wake, block)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`,
		int64(h.Graph), h.ID[:], h.Name, h.Test, h.Revision, string(h.Status), int64(h.Seq),
		int64(h.StartedAt), int64(h.StoppedAt), int64(t.Lease.Shard), int64(h.Wake), block)
	if err != nil {
		return store.Outcome{}, err
	}
	if n == 0 {
		return store.Outcome{Err: store.ErrStale}, nil
	}
	b.created[h.Graph]++
	if t.Key != nil {
		// REPLACE: a key that has expired may still be there.
		if _, err := b.exec(ctx, `
			REPLACE INTO idempotency_keys (graph, key, request, execution, expires_at)
			VALUES (?, ?, ?, ?, ?)`,
			int64(h.Graph), t.Key.Text, t.Key.Request[:], h.ID[:], int64(t.Key.Expires)); err != nil {
			return store.Outcome{}, err
		}
	}
	if t.Tick != nil {
		if err := tick(ctx, b.conn, t.Tick); err != nil {
			return store.Outcome{}, err
		}
	}
	return store.Outcome{}, b.append(ctx, t)
}

// earlier returns the start that used the turn's key, or nil.
func (b *batch) earlier(ctx context.Context, t *store.Turn) (*store.Earlier, error) {
	var e store.Earlier
	var request []byte
	err := b.row(ctx, `
		SELECT `+headColumns+`, k.request
		FROM idempotency_keys k JOIN executions e ON e.graph = k.graph AND e.id = k.execution
		WHERE k.graph = ? AND k.key = ? AND k.expires_at > ?`,
		[]any{int64(t.Head.Graph), t.Key.Text, int64(t.Head.StartedAt)},
		append(headDestinations(&e.Head), &request)...)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	copy(e.Request[:], request)
	return &e, err
}

// advance stores a later turn of an execution.
func (b *batch) advance(ctx context.Context, t *store.Turn) (store.Outcome, error) {
	h := &t.Head
	n, err := b.exec(ctx, `
		UPDATE executions SET status = ?, seq = ?, stopped_at = ?, wake = ?
		WHERE graph = ? AND id = ? AND seq = ? AND shard = ?`,
		string(h.Status), int64(h.Seq), int64(h.StoppedAt), int64(h.Wake),
		int64(h.Graph), h.ID[:], int64(t.After), int64(t.Lease.Shard))
	if err != nil {
		return store.Outcome{}, err
	}
	if n == 0 {
		return b.refusal(ctx, t)
	}
	return store.Outcome{}, b.append(ctx, t)
}

// refusal says why there was nothing to advance.
func (b *batch) refusal(ctx context.Context, t *store.Turn) (store.Outcome, error) {
	var shard store.Shard
	err := b.row(ctx, "SELECT shard FROM executions WHERE graph = ? AND id = ?",
		[]any{int64(t.Head.Graph), t.Head.ID[:]}, &shard)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return store.Outcome{Err: store.ErrNotFound}, nil
	case err != nil:
		return store.Outcome{}, err
	case shard != t.Lease.Shard:
		return store.Outcome{Err: store.ErrFenced}, nil
	}
	return store.Outcome{Err: store.ErrStale}, nil
}

// append adds the turn's records to the journal, and notes what the execution
// waits for then.
func (b *batch) append(ctx context.Context, t *store.Turn) error {
	_, err := b.exec(ctx, "INSERT INTO journal (graph, execution, first_seq, records) VALUES (?, ?, ?, ?)",
		int64(t.Head.Graph), t.Head.ID[:], int64(t.After)+1, t.Records)
	if err != nil {
		return err
	}
	return b.wait(ctx, t)
}

// count adds the new executions to those of their graphs.
func (b *batch) count(ctx context.Context, keeper *block.Keeper) error {
	for _, graph := range slices.Sorted(maps.Keys(b.created)) {
		if _, err := b.exec(ctx, "UPDATE graphs SET executions = executions + ? WHERE id = ?",
			b.created[graph], int64(graph)); err != nil {
			return err
		}
		keeper.Add(graph, b.created[graph])
	}
	return nil
}
