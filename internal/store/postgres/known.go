package postgres

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// known is what the database has of that which some turns are about. It holds
// until the transaction ends: its leases and graphs are locked, a shard's
// executions are written under its lease only, and a key that another node uses
// meanwhile, or a timer that it moves, makes the transaction begin again.
type known struct {
	leases     map[store.Lease]bool    // that are current
	graphs     map[store.GraphID]int64 // that are not deleted: their open blocks
	executions map[store.Key]*execution
	keys       map[keyName]*start
	timers     map[store.TimerID]timer
}

// timer is what a tick is checked against.
type timer struct {
	graph    store.GraphID
	revision int64
}

// execution is one that is stored, or will be.
type execution struct {
	head    store.Head
	shard   store.Shard
	block   int64       // of one that is new
	stored  journal.Seq // the last record in the database; 0 if it is not there
	changed bool        // by a turn
}

// keyName names an idempotency key.
type keyName struct {
	graph store.GraphID
	text  string
}

// start is the one that used a key.
type start struct {
	store.IdempotencyKey
	execution store.Key
	at        journal.Millis // if changed
	changed   bool           // by a turn
}

// learn reads what turns are about. The leases come first: what is read after
// them was not written by a node that has lost one.
func learn(ctx context.Context, c *conn, turns []store.Turn) (*known, error) {
	k := &known{
		leases:     map[store.Lease]bool{},
		graphs:     map[store.GraphID]int64{},
		executions: map[store.Key]*execution{},
		keys:       map[keyName]*start{},
		timers:     map[store.TimerID]timer{},
	}
	asked := inquire(turns)
	var b pgx.Batch
	b.Queue(`
		SELECT shard, epoch FROM leases WHERE shard = ANY($1) AND expires_at > 0
		ORDER BY shard FOR SHARE`,
		slices.Sorted(maps.Keys(asked.shards))).
		Query(k.readLeases)
	b.Queue(`
		SELECT id, block FROM graphs WHERE id = ANY($1) AND deleted_at IS NULL
		ORDER BY id FOR SHARE`,
		slices.Sorted(maps.Keys(asked.graphs))).
		Query(k.readGraphs)
	b.Queue(`
		SELECT `+headColumns+`, e.shard
		FROM unnest($1::bigint[], $2::bytea[]) AS u (graph, id)
			JOIN executions e ON e.graph = u.graph AND e.id = u.id`,
		asked.executionGraphs, asked.executionIDs).
		Query(k.readExecutions)
	if len(asked.keys) > 0 {
		b.Queue(`
			SELECT `+headColumns+`, e.shard, k.key, k.request, k.expires_at
			FROM unnest($1::bigint[], $2::text[]) AS u (graph, key)
				JOIN idempotency_keys k ON k.graph = u.graph AND k.key = u.key
				JOIN executions e ON e.graph = k.graph AND e.id = k.execution`,
			asked.keyGraphs, asked.keys).
			Query(k.readKeys)
	}
	if len(asked.timers) > 0 {
		b.Queue("SELECT id, graph, revision FROM timers WHERE id = ANY($1)", asked.timers).
			Query(k.readTimers)
	}
	return k, c.send(ctx, &b)
}

// inquiry is what to ask the database for. Of executions and keys, graphs and
// names stand at the same place.
type inquiry struct {
	shards          map[int64]bool
	graphs          map[int64]bool
	executionGraphs []int64
	executionIDs    [][]byte
	keyGraphs       []int64
	keys            []string
	timers          []int64
}

// inquire asks for what the turns are about that can be stored at all.
func inquire(turns []store.Turn) inquiry {
	asked := inquiry{shards: map[int64]bool{}, graphs: map[int64]bool{}}
	for i := range turns {
		t := &turns[i]
		if t.Check() != nil {
			continue
		}
		asked.shards[int64(t.Lease.Shard)] = true
		asked.graphs[int64(t.Head.Graph)] = true
		asked.executionGraphs = append(asked.executionGraphs, int64(t.Head.Graph))
		asked.executionIDs = append(asked.executionIDs, t.Head.ID[:])
		if t.Key != nil {
			asked.keyGraphs = append(asked.keyGraphs, int64(t.Head.Graph))
			asked.keys = append(asked.keys, t.Key.Text)
		}
		if t.Tick != nil {
			asked.timers = append(asked.timers, int64(t.Tick.Timer))
		}
	}
	return asked
}

func (k *known) readLeases(rows pgx.Rows) error {
	var l store.Lease
	return each(rows, []any{&l.Shard, &l.Epoch}, func() { k.leases[l] = true })
}

func (k *known) readGraphs(rows pgx.Rows) error {
	var id store.GraphID
	var block int64
	return each(rows, []any{&id, &block}, func() { k.graphs[id] = block })
}

func (k *known) readExecutions(rows pgx.Rows) error {
	var x execution
	return each(rows, append(headDestinations(&x.head), &x.shard), func() { k.add(x) })
}

func (k *known) readKeys(rows pgx.Rows) error {
	var x execution
	var used start
	var request []byte
	dest := append(headDestinations(&x.head), &x.shard, &used.Text, &request, &used.Expires)
	return each(rows, dest, func() {
		k.add(x)
		one := used
		one.execution = x.head.Key
		copy(one.Request[:], request)
		k.keys[keyName{x.head.Graph, used.Text}] = &one
	})
}

func (k *known) readTimers(rows pgx.Rows) error {
	var id store.TimerID
	var t timer
	return each(rows, []any{&id, &t.graph, &t.revision}, func() { k.timers[id] = t })
}

// add notes a stored execution.
func (k *known) add(x execution) {
	x.stored = x.head.Seq
	k.executions[x.head.Key] = &x
}

// each scans every row and does something with it.
func each(rows pgx.Rows, dest []any, do func()) error {
	_, err := pgx.ForEachRow(rows, dest, func() error {
		do()
		return nil
	})
	return err
}
