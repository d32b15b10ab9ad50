package memory_test

import (
	"errors"
	"testing"
	"time"

	"heddle/internal/store"
	"heddle/internal/store/memory"
)

// prepared returns a store with a graph, and the first turn of an execution.
func prepared(t *testing.T) (*memory.Store, store.Turn) {
	t.Helper()
	st := memory.New(2)
	lease, err := st.Acquire(t.Context(), 1, "node", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	graph, err := st.CreateGraph(t.Context(), store.Graph{Name: "video"}, "text", store.References{})
	if err != nil {
		t.Fatal(err)
	}
	return st, store.Turn{
		Lease:   lease,
		Head:    store.Head{Key: store.Key{Graph: graph}, Seq: 1},
		Records: []byte("records"),
	}
}

func stored(t *testing.T, st store.Store, key store.Key) bool {
	t.Helper()
	_, _, err := st.Load(t.Context(), key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

func TestFaults(t *testing.T) {
	t.Parallel()
	onCommit := func(err error) func(string) error {
		return func(method string) error {
			if method != "Commit" {
				return nil
			}
			return err
		}
	}
	for name, test := range map[string]struct {
		faults memory.Faults
		want   error
		stored bool
	}{
		"unavailable":            {memory.Faults{Before: onCommit(store.ErrUnavailable)}, store.ErrUnavailable, false},
		"unknown, not persisted": {memory.Faults{Before: onCommit(store.ErrOutcomeUnknown)}, store.ErrOutcomeUnknown, false},
		"unknown, but persisted": {memory.Faults{After: onCommit(store.ErrOutcomeUnknown)}, store.ErrOutcomeUnknown, true},
	} {
		st, turn := prepared(t)
		st.Faults = test.faults
		if _, err := st.Commit(t.Context(), []store.Turn{turn}); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v", name, err)
		}
		if got := stored(t, st, turn.Head.Key); got != test.stored {
			t.Errorf("%s: stored is %v", name, got)
		}
	}
}

func TestClone(t *testing.T) {
	t.Parallel()
	st, turn := prepared(t)
	before := st.Clone()
	if _, err := st.Commit(t.Context(), []store.Turn{turn}); err != nil {
		t.Fatal(err)
	}
	after := st.Clone()
	if stored(t, before, turn.Head.Key) {
		t.Error("a clone sees what was committed later")
	}
	if !stored(t, after, turn.Head.Key) {
		t.Error("a clone does not have what was committed before")
	}
	second := turn
	second.After, second.Head.Seq = 1, 2
	if outcomes, err := after.Commit(t.Context(), []store.Turn{second}); err != nil || outcomes[0].Err != nil {
		t.Errorf("commit to the clone under the lease of before: %v, %v", outcomes, err)
	}
	if head, _, err := st.Load(t.Context(), turn.Head.Key); err != nil || head.Seq != 1 {
		t.Errorf("the clone has changed the store: seq %d, %v", head.Seq, err)
	}
}
