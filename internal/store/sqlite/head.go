package sqlite

import (
	"fmt"

	"heddle/internal/store"
)

// headColumns are those of a store.Head, in the order of headDestinations.
const headColumns = `e.graph, e.id, e.name, e.test, e.revision, e.seq, e.status, e.started_at, e.stopped_at, e.wake`

func headDestinations(h *store.Head) []any {
	return []any{&h.Graph, (*executionID)(&h.ID), &h.Name, &h.Test, &h.Revision,
		&h.Seq, &h.Status, &h.StartedAt, &h.StoppedAt, &h.Wake}
}

// executionID is scanned from a blob.
type executionID store.ExecutionID

// Scan is called by database/sql.
func (id *executionID) Scan(value any) error {
	b, ok := value.([]byte)
	if !ok || len(b) != len(id) {
		return fmt.Errorf("%v is no execution id", value)
	}
	copy(id[:], b)
	return nil
}
