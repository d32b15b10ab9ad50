package postgres_test

import (
	"errors"
	"fmt"
	"testing"

	"heddle/internal/audit"
	"heddle/internal/store"
	"heddle/internal/store/postgres/proxytest"
)

// auditLog returns the whole log, which must confirm itself.
func (n *node) auditLog() []audit.Record {
	n.Helper()
	log, _, err := n.AuditLog(n.Context(), store.AuditFilter{}, store.AuditPage{Limit: 1000, Looks: 1000, Ascending: true})
	if err != nil {
		n.Fatal(err)
	}
	if _, err := (audit.Tip{}).Follow(log...); err != nil {
		n.Error(err)
	}
	return log
}

// Nodes that append at once make one log.
func TestNodesAppendToOneLog(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	a, b := newNode(t, d.config("a")), newNode(t, d.config("b"))
	const each = 20
	done := make(chan error)
	for _, n := range []*node{a, b} {
		go func() {
			var failed error
			for range each {
				if _, err := n.Audit(t.Context(), []audit.Entry{{User: n.Name()}}); err != nil {
					failed = err
				}
			}
			done <- failed
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if log := a.auditLog(); len(log) != 2*each {
		t.Errorf("got %d records, want %d", len(log), 2*each)
	}
}

// An entry whose COMMIT was not answered is there once or not at all: nobody
// repeats it.
func TestLostAnswerOfAnEntry(t *testing.T) {
	t.Parallel()
	for fate, want := range map[proxytest.Fate]string{proxytest.CutBefore: "[after]", proxytest.CutAfter: "[lost after]"} {
		_, p, n := throughProxy(t)
		p.all(fate)
		_, err := n.Audit(t.Context(), []audit.Entry{{User: "lost"}})
		if !errors.Is(err, store.ErrOutcomeUnknown) {
			t.Errorf("got %v, want %v", err, store.ErrOutcomeUnknown)
		}
		p.all(proxytest.Pass)
		if _, err := n.Audit(t.Context(), []audit.Entry{{User: "after"}}); err != nil {
			t.Fatal(err)
		}
		var users []string
		for _, r := range n.auditLog() {
			users = append(users, r.User)
		}
		if got := fmt.Sprint(users); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
