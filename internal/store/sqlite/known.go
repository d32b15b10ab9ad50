package sqlite

import (
	"context"
	"errors"

	"heddle/internal/store"
)

// known is what every turn asks about, and what hardly ever changes: which leases
// are current, and which block of a graph is open. Turns change neither, and no
// other process writes to the database; every other transaction that writes
// begins by forgetting all of it. What is not there is not remembered.
type known struct {
	leases map[store.Lease]struct{}
	blocks map[store.GraphID]int64
}

// knownMax bounds how many graphs are remembered: some hundred KiB.
const knownMax = 10_000

func (k *known) forget() {
	k.leases, k.blocks = map[store.Lease]struct{}{}, map[store.GraphID]int64{}
}

// isCurrent reports whether a lease is current.
func (k *known) isCurrent(ctx context.Context, c *conn, l store.Lease) (bool, error) {
	if _, ok := k.leases[l]; ok {
		return true, nil
	}
	var shard int64
	err := c.row(ctx, "SELECT shard FROM leases WHERE shard = ? AND epoch = ? AND expires_at > 0",
		[]any{int64(l.Shard), int64(l.Epoch)}, &shard)
	if err != nil {
		return false, unlessNotFound(err)
	}
	k.leases[l] = struct{}{}
	return true, nil
}

// openBlock returns the block to which starts of a graph are added. It is not
// found if the graph is not there, or deleted.
func (k *known) openBlock(ctx context.Context, c *conn, graph store.GraphID) (block int64, found bool, err error) {
	if block, ok := k.blocks[graph]; ok {
		return block, true, nil
	}
	err = c.row(ctx, "SELECT block FROM graphs WHERE id = ? AND deleted_at IS NULL", []any{int64(graph)}, &block)
	if err != nil {
		return 0, false, unlessNotFound(err)
	}
	if len(k.blocks) >= knownMax {
		clear(k.blocks)
	}
	k.blocks[graph] = block
	return block, true, nil
}

func unlessNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
