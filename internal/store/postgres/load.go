package postgres

import (
	"context"

	"heddle/internal/store"
)

// Load returns an execution's head and journal. It is one query, and so one
// snapshot.
func (s *Store) Load(ctx context.Context, key store.Key) (store.Head, [][]byte, error) {
	var head store.Head
	var records [][]byte
	err := s.read(ctx, "load execution", func(ctx context.Context, c *conn) error {
		return c.row(ctx, `
			SELECT `+headColumns+`, ARRAY(
				SELECT j.records FROM journal j
				WHERE j.graph = e.graph AND j.execution = e.id
				ORDER BY j.first_seq)
			FROM executions e JOIN graphs g ON g.id = e.graph
			WHERE e.graph = $1 AND e.id = $2 AND g.deleted_at IS NULL`,
			[]any{key.Graph, key.ID[:]}, append(headDestinations(&head), &records)...)
	})
	if err != nil {
		return store.Head{}, nil, err
	}
	return head, records, nil
}
