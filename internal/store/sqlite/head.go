package sqlite

import (
	"fmt"

	"heddle/internal/store"
)

// headColumns are those of a store.Head, in the order of headDestinations.
const headColumns = `e.graph, e.id, e.name, e.test, e.revision, e.seq, e.status, e.started_at, e.stopped_at, e.wake`

func headDestinations(h *store.Head) []any {
	return []any{&h.Graph, (*blobID)(&h.ID), &h.Name, &h.Test, &h.Revision,
		&h.Seq, &h.Status, &h.StartedAt, &h.StoppedAt, &h.Wake}
}

// blobID is an id of an execution or an invocation, scanned from a blob.
type blobID [16]byte

// Scan is called by database/sql.
func (id *blobID) Scan(value any) error {
	b, ok := value.([]byte)
	if !ok || len(b) != len(id) {
		return fmt.Errorf("%v is no id", value)
	}
	copy(id[:], b)
	return nil
}
