package postgres_test

import (
	"errors"
	"fmt"
	"testing"

	"heddle/internal/store"
)

// Two nodes start an execution for one fire time at once: the second waits,
// begins again, and finds the timer moved on.
func TestAFireTimeStartsOnceOnTwoNodes(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	p := newProxy(t)
	cfg := d.config("a")
	cfg.URL = p.url(t, d)
	a := newNode(t, cfg).prepare()
	b := newNode(t, d.config("b"))
	b.graph = a.graph
	b.take(1)
	timer, err := a.CreateTimer(t.Context(), store.Timer{Graph: a.graph, Name: "t", Expression: "* * * * ?", Misfire: "once", Next: 20}, 5)
	if err != nil {
		t.Fatal(err)
	}
	ticked := func(n *node, number byte) error {
		turn := n.turn(number)
		turn.Tick = &store.Tick{Timer: timer, Revision: 1, Fires: 20, Next: 30}
		outcomes, err := n.Commit(t.Context(), []store.Turn{turn})
		if err == nil {
			err = outcomes[0].Err
		}
		return err
	}

	arrived, released := p.holdNext()
	first, second := make(chan error), make(chan error)
	go func() { first <- ticked(a, 1) }()
	<-arrived
	go func() { second <- ticked(b, 2) }()
	d.waits(t)
	close(released)
	if err := <-first; err != nil {
		t.Errorf("the first start: %v", err)
	}
	want(t, <-second, store.ErrNotDue)
	if a.has(2) {
		t.Error("the second start is stored too")
	}
	if got, err := b.TimerByName(t.Context(), "p", "video", "t"); err != nil || got.Next != 30 || got.Fired != 20 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// Nodes that create and delete graphs of one project at its quota's edge never
// pass it, and count what is there.
func TestNodesKeepAQuotaTogether(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	nodes := []*node{newNode(t, d.config("a")), newNode(t, d.config("b"))}
	const limit, rounds = 3, 40
	if _, err := nodes[0].Quota(t.Context(), "p", store.CountedGraphs, limit); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	for i, n := range nodes {
		go func() {
			var mine []store.GraphID
			for round := range rounds {
				id, err := n.CreateGraph(t.Context(), store.Graph{Project: "p", Name: fmt.Sprintf("g%d-%d", i, round)}, "t", store.References{})
				if err == nil {
					mine = append(mine, id)
				} else if !errors.Is(err, store.ErrQuota) {
					done <- err
					return
				}
				if len(mine) > 1 {
					if err := n.DeleteGraph(t.Context(), mine[0], 1); err != nil {
						done <- err
						return
					}
					mine = mine[1:]
				}
			}
			done <- nil
		}()
	}
	for range nodes {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	_, there, err := nodes[0].ListGraphs(t.Context(), store.GraphFilter{Project: "p"}, store.Page{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if q, err := nodes[1].Quota(t.Context(), "p", store.CountedGraphs, 1); err != nil || q != (store.Quota{Limit: limit, Used: there}) || there > limit {
		t.Errorf("got %+v, %v, and %d graphs are there", q, err, there)
	}
}
