package postgres

import (
	"fmt"

	"github.com/jackc/pgx/v5"

	"heddle/internal/store"
)

// headColumns are those of a store.Head, in the order of headDestinations.
const headColumns = `e.graph, e.id, e.name, e.test, e.revision, e.seq, e.status, e.started_at, e.stopped_at, e.wake`

func headDestinations(h *store.Head) []any {
	return []any{&h.Graph, (*byteaID)(&h.ID), &h.Name, &h.Test, &h.Revision,
		&h.Seq, &h.Status, &h.StartedAt, &h.StoppedAt, &h.Wake}
}

func headFromRow(row pgx.CollectableRow) (h store.Head, err error) {
	err = row.Scan(headDestinations(&h)...)
	return h, err
}

// byteaID is an id of an execution or an invocation, scanned from a bytea.
type byteaID [16]byte

// ScanBytes is called by the driver.
func (id *byteaID) ScanBytes(b []byte) error {
	if len(b) != len(id) {
		return fmt.Errorf("%x is no id", b)
	}
	copy(id[:], b)
	return nil
}
