package storetest

import (
	"strings"

	"heddle/internal/journal"
	"heddle/internal/store"
)

func testFindGraph(f *fixture) {
	want := store.Graph{Project: project, Name: "video-analysis", Description: "cuts, then counts", CreatedAt: 1502363174287}
	id, err := f.store.CreateGraph(f.Context(), want, "text 1", store.References{})
	f.no(err)
	want.ID, want.Revision, want.ModifiedAt = id, 1, want.CreatedAt

	byName, err := f.store.GraphByName(f.Context(), project, "video-analysis")
	f.no(err)
	byID, err := f.store.GraphByID(f.Context(), id)
	f.no(err)
	if byName != want || byID != want {
		f.Errorf("got %+v by name and %+v by id, want %+v", byName, byID, want)
	}
	d, err := f.store.Definition(f.Context(), id, 1)
	f.no(err)
	if d != (store.Definition{Text: "text 1", CreatedAt: want.CreatedAt}) {
		f.Errorf("definition %+v", d)
	}

	_, err = f.store.GraphByName(f.Context(), project, "video")
	f.want(err, store.ErrNotFound)
	_, err = f.store.GraphByName(f.Context(), "another", "video-analysis")
	f.want(err, store.ErrNotFound)
	_, err = f.store.GraphByID(f.Context(), id+1)
	f.want(err, store.ErrNotFound)
	_, err = f.store.Definition(f.Context(), id, 2)
	f.want(err, store.ErrNotFound)
	_, err = f.store.Definition(f.Context(), id, 0)
	f.want(err, store.ErrNotFound)
}

func testGraphExists(f *fixture) {
	first := f.graph("video")
	_, err := f.store.CreateGraph(f.Context(), store.Graph{Project: project, Name: "video"}, "other", store.References{})
	f.want(err, store.ErrExists)
	if d, err := f.store.Definition(f.Context(), first, 1); err != nil || d.Text == "other" {
		f.Errorf("definition %+v, %v", d, err)
	}
	if _, err := f.store.CreateGraph(f.Context(), store.Graph{Project: "another", Name: "video"}, "t", store.References{}); err != nil {
		f.Errorf("in another project: %v", err)
	}
	f.graph("Video") // names are compared byte by byte
}

func testUpdateGraph(f *fixture) {
	id := f.graph("video")
	revision, err := f.store.UpdateGraph(f.Context(), id, "second", store.References{}, 2000)
	f.no(err)
	g, err := f.store.GraphByID(f.Context(), id)
	f.no(err)
	if revision != 2 || g.Revision != 2 || g.CreatedAt != 1000 || g.ModifiedAt != 2000 {
		f.Errorf("revision %d, graph %+v", revision, g)
	}
	for revision, want := range map[int]store.Definition{
		1: {Text: `{"states":[]}`, CreatedAt: 1000},
		2: {Text: "second", CreatedAt: 2000},
	} {
		if got, err := f.store.Definition(f.Context(), id, revision); err != nil || got != want {
			f.Errorf("revision %d: got %+v, %v, want %+v", revision, got, err, want)
		}
	}
	_, err = f.store.UpdateGraph(f.Context(), id+1, "x", store.References{}, 2000)
	f.want(err, store.ErrNotFound)
}

func testLargeDefinition(f *fixture) {
	text := strings.Repeat("\U0001d11e", 65536)
	id, err := f.store.CreateGraph(f.Context(), store.Graph{Project: project, Name: "large"}, text, store.References{})
	f.no(err)
	if d, err := f.store.Definition(f.Context(), id, 1); err != nil || d.Text != text {
		f.Errorf("read %d bytes of %d, %v", len(d.Text), len(text), err)
	}
}

func testDeleteGraph(f *fixture) {
	id := f.graph("video")
	f.no(f.store.DeleteGraph(f.Context(), id, 2000))

	_, err := f.store.GraphByID(f.Context(), id)
	f.want(err, store.ErrNotFound)
	_, err = f.store.GraphByName(f.Context(), project, "video")
	f.want(err, store.ErrNotFound)
	_, err = f.store.Definition(f.Context(), id, 1)
	f.want(err, store.ErrNotFound)
	_, err = f.store.UpdateGraph(f.Context(), id, "x", store.References{}, 3000)
	f.want(err, store.ErrNotFound)
	f.want(f.store.DeleteGraph(f.Context(), id, 3000), store.ErrNotFound)
	if _, n, err := f.store.ListGraphs(f.Context(), store.GraphFilter{Project: project}, store.Page{Limit: 10}); err != nil || n != 0 {
		f.Errorf("%d graphs listed, %v", n, err)
	}

	second := f.graph("video")
	if second == id {
		f.Errorf("graph id %d is used again", id)
	}
	g, err := f.store.GraphByName(f.Context(), project, "video")
	f.no(err)
	if g.ID != second || g.Executions != 0 {
		f.Errorf("got %+v, want the second graph, %d", g, second)
	}
}

func testDeleteGraphHidesExecutions(f *fixture) {
	graph := f.graph("video")
	running := f.first(graph, 1)
	running.Head.Wake = 500
	f.stored(running)
	f.no(f.store.DeleteGraph(f.Context(), graph, 2000))

	f.absent(running.Head.Key)
	f.want(f.commit(next(running, "late"))[0].Err, store.ErrNotFound)
	f.want(f.commit(f.first(graph, 2))[0].Err, store.ErrNotFound)
	_, _, err := f.store.ListExecutions(f.Context(), store.ExecutionFilter{Graph: graph}, store.Page{Limit: 10})
	f.want(err, store.ErrNotFound)
	if due, err := f.store.Due(f.Context(), 0, 1000, nil, 10); err != nil || len(due) != 0 {
		f.Errorf("due %v, %v", due, err)
	}
	if wake, err := f.store.NextWake(f.Context(), 0, store.Now); err != nil || wake != store.Never {
		f.Errorf("next wake-up %d, %v", wake, err)
	}
}

func testPurge(f *fixture) {
	kept, deleted := f.graph("kept"), f.graph("deleted")
	keep := f.first(kept, 1)
	f.stored(keep)
	f.executions(deleted, 10, 25)
	keyed := f.first(deleted, 50)
	keyed.Key = &store.IdempotencyKey{Text: "k", Expires: 1 << 40}
	f.stored(keyed)
	if more, err := f.store.Purge(f.Context(), 0, 10); err != nil || more {
		f.Errorf("with nothing to purge: more %v, %v", more, err)
	}
	f.no(f.store.DeleteGraph(f.Context(), deleted, 2000))

	steps := 0
	for more := true; more; steps++ {
		if steps > 20 {
			f.Fatal("purge does not end")
		}
		var err error
		more, err = f.store.Purge(f.Context(), 0, 10)
		f.no(err)
	}
	if steps < 3 {
		f.Errorf("26 executions were purged in %d steps of 10", steps)
	}
	f.holds(keep, "started 1")
	if again := f.graph("deleted"); again <= deleted {
		f.Errorf("graph id %d is used again, as %d", deleted, again)
	}
	f.reopen()
	f.holds(keep, "started 1")
}

func testPurgeKeys(f *fixture) {
	graph := f.graph("video")
	start := func(n int, key string, expires journal.Millis) store.Turn {
		t := f.first(graph, n)
		t.Head.StartedAt = 0
		t.Key = &store.IdempotencyKey{Text: key, Expires: expires}
		return t
	}
	f.stored(start(1, "a", 100), start(2, "b", 200), start(3, "c", 201))
	for more := true; more; {
		var err error
		more, err = f.store.Purge(f.Context(), 200, 1)
		f.no(err)
	}
	// Of the same moment as the first ones, so that only purged keys are free.
	outcomes := f.commit(start(4, "a", 100), start(5, "b", 100), start(6, "c", 100))
	f.no(outcomes[0].Err)
	f.no(outcomes[1].Err)
	f.want(outcomes[2].Err, store.ErrExists)
}
