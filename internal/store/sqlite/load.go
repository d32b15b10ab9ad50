package sqlite

import (
	"context"
	"database/sql"

	"heddle/internal/store"
)

// Load returns an execution's head and journal.
func (s *Store) Load(ctx context.Context, key store.Key) (store.Head, [][]byte, error) {
	var head store.Head
	var records [][]byte
	err := s.read(ctx, "load execution", func(c *conn) error {
		err := c.row(ctx, `
			SELECT `+headColumns+`
			FROM executions e JOIN graphs g ON g.id = e.graph
			WHERE e.graph = ? AND e.id = ? AND g.deleted_at IS NULL`,
			[]any{int64(key.Graph), key.ID[:]}, headDestinations(&head)...)
		if err != nil {
			return err
		}
		records, err = collect(ctx, c, bytesFromRow,
			"SELECT records FROM journal WHERE graph = ? AND execution = ? ORDER BY first_seq",
			int64(key.Graph), key.ID[:])
		return err
	})
	if err != nil {
		return store.Head{}, nil, err
	}
	return head, records, nil
}

func bytesFromRow(rows *sql.Rows) (b []byte, err error) {
	err = rows.Scan(&b)
	return b, err
}
