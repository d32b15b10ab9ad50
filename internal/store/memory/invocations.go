package memory

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// invocation is one, and the node on which it runs.
type invocation struct {
	store.Invocation
	node string
}

// AddInvocation stores an invocation that waits.
func (s *Store) AddInvocation(ctx context.Context, inv store.Invocation, waitingMax int) error {
	return s.write(ctx, "AddInvocation", func() error {
		if _, err := s.function(inv.Function); err != nil {
			return err
		}
		waiting := 0
		for _, other := range s.invocations {
			if other.Function == inv.Function && other.Status == store.InvocationWaiting {
				waiting++
			}
		}
		if waiting >= waitingMax {
			return store.ErrFull
		}
		inv.Status = store.InvocationWaiting
		s.invocations[inv.ID] = &invocation{Invocation: inv}
		return nil
	})
}

// pending returns the invocations that are to be claimed some day, the first
// ones first, but for those of some functions.
func (d *data) pending(except []store.FunctionID) []*invocation {
	var all []*invocation
	for _, inv := range d.invocations {
		if _, err := d.function(inv.Function); err == nil && inv.EndedAt == 0 && !slices.Contains(except, inv.Function) {
			all = append(all, inv)
		}
	}
	slices.SortFunc(all, func(a, b *invocation) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return all
}

// ClaimInvocations gives a node invocations that are due.
func (s *Store) ClaimInvocations(ctx context.Context, cl store.Claim) ([]store.Claimed, error) {
	var claimed []store.Claimed
	err := s.write(ctx, "ClaimInvocations", func() error {
		for _, inv := range s.pending(cl.Except) {
			if inv.Due > cl.Now || len(claimed) == cl.Limit {
				break
			}
			inv.Status, inv.Due, inv.node = store.InvocationRunning, cl.Until, cl.Node
			inv.Attempt++
			claimed = append(claimed, store.Claimed{Invocation: inv.Invocation, Name: s.functions[inv.Function].FunctionName})
		}
		return nil
	})
	return claimed, err
}

// running returns the invocations that run on a node.
func (d *data) running(node string) []*invocation {
	var all []*invocation
	for _, inv := range d.invocations {
		if inv.node == node && inv.Status == store.InvocationRunning {
			all = append(all, inv)
		}
	}
	return all
}

// KeepInvocations puts off when some of the invocations that run on a node are due.
func (s *Store) KeepInvocations(ctx context.Context, node string, ids []store.InvocationID, until journal.Millis) error {
	return s.write(ctx, "KeepInvocations", func() error {
		for _, inv := range s.running(node) {
			if slices.Contains(ids, inv.ID) {
				inv.Due = until
			}
		}
		return nil
	})
}

// ReleaseInvocations makes all that run on a node wait again.
func (s *Store) ReleaseInvocations(ctx context.Context, node string, now journal.Millis) (int64, error) {
	var n int64
	err := s.write(ctx, "ReleaseInvocations", func() error {
		for _, inv := range s.running(node) {
			inv.Status, inv.Due = store.InvocationWaiting, now
			n++
		}
		return nil
	})
	return n, err
}

// SettleInvocations stores what became of attempts.
func (s *Store) SettleInvocations(ctx context.Context, all []store.Settlement) error {
	return s.write(ctx, "SettleInvocations", func() error {
		for _, st := range all {
			inv := s.invocations[st.ID]
			if inv == nil || inv.Attempt != st.Attempt || inv.Status != store.InvocationRunning {
				continue
			}
			inv.Status, inv.Due, inv.Failures = st.Status, st.Due, st.Failures
			inv.EndedAt, inv.ErrorCode, inv.Error = st.EndedAt, st.ErrorCode, st.Error
			if st.EndedAt > 0 {
				inv.Event = ""
			}
		}
		return nil
	})
}

// NextInvocation returns when the next invocation is due.
func (s *Store) NextInvocation(ctx context.Context, except []store.FunctionID) (journal.Millis, bool, error) {
	var due journal.Millis
	var ok bool
	err := s.read(ctx, "NextInvocation", func() error {
		if all := s.pending(except); len(all) > 0 {
			due, ok = all[0].Due, true
		}
		return nil
	})
	return due, ok, err
}

// ListInvocations returns a page of a function's invocations.
func (s *Store) ListInvocations(ctx context.Context, f store.InvocationFilter, page store.Page) ([]store.Invocation, int64, error) {
	var all []store.Invocation
	err := s.read(ctx, "ListInvocations", func() error {
		for _, inv := range s.invocations {
			if inv.Function == f.Function && inv.CreatedAt >= f.From && (f.To == 0 || inv.CreatedAt <= f.To) &&
				(f.ID == nil || inv.ID == *f.ID) && (len(f.Statuses) == 0 || slices.Contains(f.Statuses, inv.Status)) {
				shown := inv.Invocation
				shown.Event = ""
				all = append(all, shown)
			}
		}
		slices.SortFunc(all, func(a, b store.Invocation) int { return bytes.Compare(b.ID[:], a.ID[:]) })
		return nil
	})
	return part(all, page), int64(len(all)), err
}

// ExpireInvocations removes invocations that ended long ago, or whose function
// is deleted.
func (s *Store) ExpireInvocations(ctx context.Context, endedBefore journal.Millis, limit int) (bool, error) {
	n := 0
	err := s.write(ctx, "ExpireInvocations", func() error {
		maps.DeleteFunc(s.invocations, func(_ store.InvocationID, inv *invocation) bool {
			_, gone := s.function(inv.Function)
			old := inv.EndedAt > 0 && inv.EndedAt < endedBefore || gone != nil
			if !old || n == limit {
				return false
			}
			n++
			return true
		})
		return nil
	})
	return n == limit, err
}
