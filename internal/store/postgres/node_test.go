package postgres_test

import (
	"errors"
	"testing"
	"time"

	"heddle/internal/store"
	"heddle/internal/store/postgres"
)

// node is a store with a lease of the first shard and a graph.
type node struct {
	*testing.T
	*postgres.Store
	lease store.Lease
	graph store.GraphID
}

// newNode opens a store, which is closed at the end of the test.
func newNode(t *testing.T, cfg postgres.Config) *node {
	t.Helper()
	n := &node{T: t, Store: opened(t, cfg)}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return n
}

// prepare takes the shard and makes the graph.
func (n *node) prepare() *node {
	n.Helper()
	var err error
	n.take(0)
	if n.graph, err = n.CreateGraph(n.Context(), store.Graph{Project: "p", Name: "video"}, "text", store.References{}); err != nil {
		n.Fatal(err)
	}
	return n
}

// take takes a shard.
func (n *node) take(shard store.Shard) {
	n.Helper()
	var err error
	if n.lease, err = n.Acquire(n.Context(), shard, n.Name(), time.Hour); err != nil {
		n.Fatal(err)
	}
}

func (n *node) key(number byte) store.Key {
	return store.Key{Graph: n.graph, ID: store.ExecutionID{15: number}}
}

// turn makes the first turn of an execution.
func (n *node) turn(number byte) store.Turn {
	return store.Turn{Lease: n.lease, Head: store.Head{Key: n.key(number), Name: "x", Seq: 1}, Records: []byte("records")}
}

// start commits the first turn of an execution.
func (n *node) start(number byte) error {
	outcomes, err := n.Commit(n.Context(), []store.Turn{n.turn(number)})
	if err == nil {
		err = outcomes[0].Err
	}
	return err
}

// has reports whether an execution is stored.
func (n *node) has(number byte) bool {
	n.Helper()
	_, _, err := n.Load(n.Context(), n.key(number))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		n.Fatal(err)
	}
	return err == nil
}

// passes fails the test unless executions can be started.
func (n *node) passes(number byte) {
	n.Helper()
	if err := n.start(number); err != nil || !n.has(number) {
		n.Errorf("start %d: %v, stored %v", number, err, n.has(number))
	}
}

func want(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}
