package storetest

import (
	"slices"
	"sync"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// trigger makes a trigger that watches a topic.
func (f *fixture) trigger(name, topic string) store.Trigger {
	f.Helper()
	t := newTrigger(name, topic)
	id, err := f.store.CreateTrigger(f.Context(), t)
	f.no(err)
	t.ID = id
	return t
}

func newTrigger(name, topic string) store.Trigger {
	return store.Trigger{
		Project: project, URN: "urn:fgs:r:" + project + ":trigger:SMN_" + topic + "_" + name, UUID: "uuid of " + name,
		Source: "SMN", Resource: topic, Name: name, Definition: `{"Topic":"` + topic + `"}`, CreatedAt: 1000,
	}
}

func testFindTrigger(f *fixture) {
	want := f.trigger("asked", "topic")
	f.no(f.store.DescribeTrigger(f.Context(), want.ID, "说明"))
	want.Description = "说明"

	byURN, err := f.store.TriggerByURN(f.Context(), project, want.URN)
	f.no(err)
	byUUID, err := f.store.TriggerByUUID(f.Context(), project, want.UUID)
	f.no(err)
	if byURN != want || byUUID != want {
		f.Errorf("got %+v by URN and %+v by UUID, want %+v", byURN, byUUID, want)
	}
	_, err = f.store.TriggerByURN(f.Context(), "another", want.URN)
	f.want(err, store.ErrNotFound)
	_, err = f.store.TriggerByUUID(f.Context(), "another", want.UUID)
	f.want(err, store.ErrNotFound)
	_, err = f.store.TriggerByURN(f.Context(), project, want.UUID)
	f.want(err, store.ErrNotFound)
	f.want(f.store.DescribeTrigger(f.Context(), want.ID+1, ""), store.ErrNotFound)
}

func testTriggerExists(f *fixture) {
	first := f.trigger("asked", "topic")
	again := newTrigger("asked", "topic")
	_, err := f.store.CreateTrigger(f.Context(), again)
	f.want(err, store.ErrExists)
	again.URN += "-2"
	_, err = f.store.CreateTrigger(f.Context(), again)
	f.want(err, store.ErrExists)
	again.Project = "another"
	_, err = f.store.CreateTrigger(f.Context(), again)
	f.no(err)

	f.no(f.store.DeleteTrigger(f.Context(), first.ID))
	f.want(f.store.DeleteTrigger(f.Context(), first.ID), store.ErrNotFound)
	if second := f.trigger("asked", "topic"); second.ID == first.ID {
		f.Errorf("trigger id %d is used again", first.ID)
	}
}

func testTriggersOf(f *fixture) {
	one, two := f.trigger("one", "topic"), f.trigger("two", "topic")
	f.trigger("three", "topic-3")
	got, err := f.store.TriggersOf(f.Context(), project, "SMN", "topic")
	f.no(err)
	if !slices.Equal(got, []store.Trigger{one, two}) {
		f.Errorf("got %+v, want %+v and %+v", got, one, two)
	}
	for _, c := range [][3]string{{"another", "SMN", "topic"}, {project, "OBS", "topic"}, {project, "SMN", "top"}} {
		if got, err := f.store.TriggersOf(f.Context(), c[0], c[1], c[2]); err != nil || len(got) > 0 {
			f.Errorf("%v: got %+v and %v, want none", c, got, err)
		}
	}
}

func testListTriggers(f *fixture) {
	for _, name := range []string{"a", "asked", "ask_2", "Asked"} {
		f.trigger(name, "topic")
	}
	stranger := newTrigger("asked", "stranger")
	stranger.Project = "another"
	_, err := f.store.CreateTrigger(f.Context(), stranger)
	f.no(err)

	for name, c := range map[string]struct {
		filter store.TriggerFilter
		page   store.Page
		want   []string
		count  int64
	}{
		"newest":         {store.TriggerFilter{}, store.Page{Limit: 3}, []string{"Asked", "ask_2", "asked"}, 4},
		"oldest":         {store.TriggerFilter{}, store.Page{Limit: 1, Ascending: true}, []string{"a"}, 4},
		"from an offset": {store.TriggerFilter{}, store.Page{Offset: 3, Limit: 3}, []string{"a"}, 4},
		"beyond the end": {store.TriggerFilter{}, store.Page{Offset: 4, Limit: 3}, nil, 4},
		"part of a name": {store.TriggerFilter{Name: "sked"}, store.Page{Limit: 9}, []string{"Asked", "asked"}, 2},
		"_ is a sign":    {store.TriggerFilter{Name: "k_"}, store.Page{Limit: 9}, []string{"ask_2"}, 1},
		"part of a URN":  {store.TriggerFilter{URN: "SMN_topic_a"}, store.Page{Limit: 9}, []string{"ask_2", "asked", "a"}, 3},
		"source":         {store.TriggerFilter{Source: "SMN"}, store.Page{Limit: 1}, []string{"Asked"}, 4},
		"another source": {store.TriggerFilter{Source: "OBS"}, store.Page{Limit: 9}, nil, 0},
		"two filters":    {store.TriggerFilter{Name: "ask", URN: "_2"}, store.Page{Limit: 9}, []string{"ask_2"}, 1},
	} {
		c.filter.Project = project
		triggers, n, err := f.store.ListTriggers(f.Context(), c.filter, c.page)
		f.no(err)
		var got []string
		for _, t := range triggers {
			got = append(got, t.Name)
		}
		if !slices.Equal(got, c.want) || n != c.count {
			f.Errorf("%s: got %v of %d, want %v of %d", name, got, n, c.want, c.count)
		}
	}
}

func testNamedTrigger(f *fixture) {
	one, two := f.trigger("one", "topic"), f.trigger("two", "topic")
	naming := func(t store.Trigger) store.References { return store.References{Triggers: []string{t.URN}} }
	graph := f.graphNaming("video", naming(one))
	f.want(f.store.DeleteTrigger(f.Context(), one.ID), store.ErrNamed)

	_, err := f.store.UpdateGraph(f.Context(), graph, "x", naming(two), 2000)
	f.no(err)
	f.no(f.store.DeleteTrigger(f.Context(), one.ID))
	f.want(f.store.DeleteTrigger(f.Context(), two.ID), store.ErrNamed)

	_, err = f.store.UpdateGraph(f.Context(), graph, "x", naming(one), 3000)
	f.want(err, store.ErrNoTrigger)
	if g, err := f.store.GraphByID(f.Context(), graph); err != nil || g.Revision != 2 {
		f.Errorf("got %+v and %v, want revision 2", g, err)
	}
	_, err = f.store.CreateGraph(f.Context(), store.Graph{Project: project, Name: "late"}, "x", naming(one))
	f.want(err, store.ErrNoTrigger)
	_, err = f.store.GraphByName(f.Context(), project, "late")
	f.want(err, store.ErrNotFound)
	_, err = f.store.CreateGraph(f.Context(), store.Graph{Project: "another", Name: "late"}, "x", naming(two))
	f.want(err, store.ErrNoTrigger)

	f.no(f.store.DeleteGraph(f.Context(), graph, 4000))
	f.no(f.store.DeleteTrigger(f.Context(), two.ID))
}

// testNamedInARace names a trigger while it is deleted: one of the two is
// refused.
func testNamedInARace(f *fixture) {
	for range 20 {
		t := f.trigger("asked", "topic")
		var deleted, created error
		var graph store.GraphID
		var both sync.WaitGroup
		both.Go(func() { deleted = f.store.DeleteTrigger(f.Context(), t.ID) })
		both.Go(func() {
			graph, created = f.store.CreateGraph(f.Context(), store.Graph{Project: project, Name: "video"}, "x", store.References{Triggers: []string{t.URN}})
		})
		both.Wait()
		if (deleted == nil) == (created == nil) {
			f.Fatalf("the deletion returned %v and the naming %v, want one refused", deleted, created)
		}
		if created == nil {
			f.want(deleted, store.ErrNamed)
			f.no(f.store.DeleteGraph(f.Context(), graph, 2000))
			f.no(f.store.DeleteTrigger(f.Context(), t.ID))
		} else {
			f.want(created, store.ErrNoTrigger)
		}
	}
}

// mapped makes a mapping.
func (f *fixture) mapped(graph store.GraphID, t store.Trigger, enabled bool, at journal.Millis) {
	f.Helper()
	f.no(f.store.CreateMapping(f.Context(), store.Mapping{Graph: graph, Trigger: t.ID, Enabled: enabled, CreatedAt: at}))
}

func testMappings(f *fixture) {
	video, audio := f.graph("video"), f.graph("audio")
	one, two := f.trigger("one", "topic-1"), f.trigger("two", "topic-2")
	f.mapped(video, one, true, 1000)
	f.mapped(video, two, false, 2000)
	f.mapped(audio, one, true, 3000)

	of := func(graph store.GraphID, name string, t store.Trigger, enabled bool, at journal.Millis) store.Mapping {
		return store.Mapping{Graph: graph, Trigger: t.ID, Enabled: enabled, CreatedAt: at, GraphName: name, TriggerURN: t.URN}
	}
	want := func(filter store.MappingFilter, want ...store.Mapping) {
		f.Helper()
		if filter.Project == "" {
			filter.Project = project
		}
		got, err := f.store.ListMappings(f.Context(), filter)
		f.no(err)
		if !slices.Equal(got, want) {
			f.Errorf("%+v:\n got %+v\nwant %+v", filter, got, want)
		}
	}
	videoOne, videoTwo, audioOne := of(video, "video", one, true, 1000), of(video, "video", two, false, 2000), of(audio, "audio", one, true, 3000)
	want(store.MappingFilter{}, audioOne, videoTwo, videoOne)
	want(store.MappingFilter{Graph: video}, videoTwo, videoOne)
	want(store.MappingFilter{Trigger: one.ID}, audioOne, videoOne)
	want(store.MappingFilter{Graph: video, Trigger: two.ID}, videoTwo)
	want(store.MappingFilter{Enabled: true}, audioOne, videoOne)
	want(store.MappingFilter{Project: "another"})

	f.no(f.store.EnableMapping(f.Context(), video, two.ID, true))
	f.no(f.store.EnableMapping(f.Context(), video, one.ID, false))
	f.no(f.store.EnableMapping(f.Context(), video, one.ID, false))
	videoTwo.Enabled, videoOne.Enabled = true, false
	want(store.MappingFilter{Graph: video}, videoTwo, videoOne)

	f.no(f.store.DeleteMapping(f.Context(), video, two.ID))
	want(store.MappingFilter{Graph: video}, videoOne)
	f.want(f.store.DeleteMapping(f.Context(), video, two.ID), store.ErrNotFound)
	f.want(f.store.EnableMapping(f.Context(), video, two.ID, true), store.ErrNotFound)
}

func testMappingRefusals(f *fixture) {
	video, waiting := f.graph("video"), store.GraphID(0)
	one, same, other := f.trigger("one", "topic"), f.trigger("same", "topic"), f.trigger("other", "topic-2")
	waiting = f.graphNaming("waiting", store.References{Triggers: []string{one.URN}})
	bucket := newTrigger("bucket", "topic")
	bucket.Source = "OBS"
	id, err := f.store.CreateTrigger(f.Context(), bucket)
	f.no(err)
	stranger, err := f.store.CreateGraph(f.Context(), store.Graph{Project: "another", Name: "video"}, "x", store.References{})
	f.no(err)
	f.mapped(video, one, true, 1000)

	for name, c := range map[string]struct {
		graph   store.GraphID
		trigger store.TriggerID
		want    error
	}{
		"twice":              {video, one.ID, store.ErrExists},
		"the topic again":    {video, same.ID, store.ErrTopic},
		"another topic":      {video, other.ID, nil},
		"not a topic":        {video, id, nil},
		"a graph that waits": {waiting, other.ID, store.ErrNamed},
		"no graph":           {video + 100, other.ID, store.ErrNotFound},
		"no trigger":         {video, id + 100, store.ErrNotFound},
		"another project's":  {stranger, one.ID, store.ErrNotFound},
	} {
		if err := f.store.CreateMapping(f.Context(), store.Mapping{Graph: c.graph, Trigger: c.trigger}); c.want == nil {
			f.no(err)
		} else {
			f.Log(name)
			f.want(err, c.want)
		}
	}

	f.want(f.store.DeleteTrigger(f.Context(), other.ID), store.ErrMapped)
	f.want(f.store.DeleteGraph(f.Context(), video, 2000), store.ErrMapped)
	_, err = f.store.UpdateGraph(f.Context(), video, "x", store.References{Triggers: []string{same.URN}}, 2000)
	f.want(err, store.ErrMapped)
	_, err = f.store.UpdateGraph(f.Context(), video, "x", store.References{}, 2000)
	f.no(err)
	if g, err := f.store.GraphByID(f.Context(), video); err != nil || g.Revision != 2 {
		f.Errorf("got %+v and %v, want revision 2", g, err)
	}
	for _, trigger := range []store.TriggerID{one.ID, other.ID, id} {
		f.no(f.store.DeleteMapping(f.Context(), video, trigger))
	}
	f.no(f.store.DeleteGraph(f.Context(), video, 3000))
	f.want(f.store.CreateMapping(f.Context(), store.Mapping{Graph: video, Trigger: other.ID}), store.ErrNotFound)
	f.no(f.store.DeleteTrigger(f.Context(), other.ID))
}
