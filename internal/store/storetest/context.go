package storetest

import (
	"context"
	"time"

	"heddle/internal/audit"
	"heddle/internal/store"
)

func testContext(f *fixture) {
	ctx := cancelled()
	graph := f.graph("video")
	first := f.first(graph, 1)
	f.stored(first)
	trigger := f.trigger("asked", "topic")
	timer := f.timer(graph, "asked", 1)

	ada := f.user("ada")

	var err error
	for name, call := range map[string]func(){
		"CreateGraph": func() {
			_, err = f.store.CreateGraph(ctx, store.Graph{Project: project, Name: "new"}, "t", store.References{})
		},
		"UpdateGraph":     func() { _, err = f.store.UpdateGraph(ctx, graph, "t", store.References{}, 1) },
		"DeleteGraph":     func() { err = f.store.DeleteGraph(ctx, graph, 1) },
		"Purge":           func() { _, err = f.store.Purge(ctx, 1, 1) },
		"GraphByName":     func() { _, err = f.store.GraphByName(ctx, project, "video") },
		"GraphByID":       func() { _, err = f.store.GraphByID(ctx, graph) },
		"Definition":      func() { _, err = f.store.Definition(ctx, graph, 1) },
		"Commit":          func() { _, err = f.store.Commit(ctx, []store.Turn{next(first, "second")}) },
		"Load":            func() { _, _, err = f.store.Load(ctx, first.Head.Key) },
		"Expire":          func() { _, err = f.store.Expire(ctx, 1, nil, 1) },
		"Due":             func() { _, err = f.store.Due(ctx, 0, 1, nil, 1) },
		"NextWake":        func() { _, err = f.store.NextWake(ctx, 0, 0) },
		"Acquire":         func() { _, err = f.store.Acquire(ctx, 0, "node", time.Hour) },
		"Renew":           func() { err = f.store.Renew(ctx, f.lease, ranOut) },
		"Release":         func() { err = f.store.Release(ctx, f.lease) },
		"ListGraphs":      func() { _, _, err = f.store.ListGraphs(ctx, store.GraphFilter{Project: project}, store.Page{}) },
		"ListExecutions":  func() { _, _, err = f.store.ListExecutions(ctx, store.ExecutionFilter{Graph: graph}, store.Page{}) },
		"CreateTrigger":   func() { _, err = f.store.CreateTrigger(ctx, newTrigger("new", "topic")) },
		"DescribeTrigger": func() { err = f.store.DescribeTrigger(ctx, trigger.ID, "new") },
		"DeleteTrigger":   func() { err = f.store.DeleteTrigger(ctx, trigger.ID) },
		"TriggerByURN":    func() { _, err = f.store.TriggerByURN(ctx, project, trigger.URN) },
		"TriggerByUUID":   func() { _, err = f.store.TriggerByUUID(ctx, project, trigger.UUID) },
		"TriggersOf":      func() { _, err = f.store.TriggersOf(ctx, project, "SMN", "topic") },
		"ListTriggers":    func() { _, _, err = f.store.ListTriggers(ctx, store.TriggerFilter{Project: project}, store.Page{}) },
		"CreateMapping":   func() { err = f.store.CreateMapping(ctx, store.Mapping{Graph: graph, Trigger: trigger.ID}) },
		"EnableMapping":   func() { err = f.store.EnableMapping(ctx, graph, trigger.ID, true) },
		"DeleteMapping":   func() { err = f.store.DeleteMapping(ctx, graph, trigger.ID) },
		"Accept":          func() { _, err = f.store.Accept(ctx, []store.Arrival{arrival("new", trigger.ID)}, 1, 2) },
		"Events":          func() { _, err = f.store.Events(ctx, trigger.ID, 0, 1) },
		"Discard":         func() { err = f.store.Discard(ctx, trigger.ID, 1) },
		"Backlogs":        func() { _, err = f.store.Backlogs(ctx) },
		"OldestEvent":     func() { _, err = f.store.OldestEvent(ctx) },
		"Waiters":         func() { _, err = f.store.Waiters(ctx, trigger.ID, nil, 1) },
		"ListMappings":    func() { _, err = f.store.ListMappings(ctx, store.MappingFilter{Project: project}) },
		"Audit":           func() { _, err = f.store.Audit(ctx, []audit.Entry{{}}) },
		"AuditLog":        func() { _, _, err = f.store.AuditLog(ctx, store.AuditFilter{}, store.AuditPage{}) },
		"CreateTimer":     func() { _, err = f.store.CreateTimer(ctx, newTimer(graph, "new", 0), timersMax) },
		"ChangeTimer":     func() { err = f.store.ChangeTimer(ctx, timer) },
		"DeleteTimer":     func() { err = f.store.DeleteTimer(ctx, timer.ID) },
		"TimerByName":     func() { _, err = f.store.TimerByName(ctx, project, "video", "asked") },
		"TimersOf":        func() { _, err = f.store.TimersOf(ctx, graph) },
		"DueTimers":       func() { _, err = f.store.DueTimers(ctx, 1, nil, 1) },
		"NextTimer":       func() { _, err = f.store.NextTimer(ctx) },
		"SkipTimers":      func() { err = f.store.SkipTimers(ctx, []store.Tick{{Timer: timer.ID, Revision: timer.Revision}}) },
		"Quota":           func() { _, err = f.store.Quota(ctx, project, store.CountedGraphs, 1) },
		"SetQuota":        func() { _, err = f.store.SetQuota(ctx, project, store.CountedGraphs, 1) },
		"CreateProject":   func() { err = f.store.CreateProject(ctx, store.Project{ID: "p", Name: "p"}) },
		"Projects":        func() { _, err = f.store.Projects(ctx) },
		"CreateUser":      func() { _, err = f.store.CreateUser(ctx, store.User{Name: "new"}) },
		"ChangeUser":      func() { err = f.store.ChangeUser(ctx, ada) },
		"DeleteUser":      func() { err = f.store.DeleteUser(ctx, ada.ID) },
		"Users":           func() { _, err = f.store.Users(ctx) },
		"UserByName":      func() { _, _, err = f.store.UserByName(ctx, "ada") },
		"SetGrant":        func() { err = f.store.SetGrant(ctx, store.Grant{User: ada.ID, Project: "p", Role: "viewer"}) },
		"CreateKey":       func() { err = f.store.CreateKey(ctx, store.AccessKey{Access: "K", User: ada.ID, Secret: []byte("x")}) },
		"KeyByAccess":     func() { _, _, err = f.store.KeyByAccess(ctx, "K") },
		"Keys":            func() { _, err = f.store.Keys(ctx) },
		"ResealKey":       func() { err = f.store.ResealKey(ctx, "K", nil, nil) },
		"DeleteKey":       func() { err = f.store.DeleteKey(ctx, "K") },
		"CreateToken":     func() { err = f.store.CreateToken(ctx, store.Token{User: ada.ID}, 1) },
		"TokenByHash":     func() { _, err = f.store.TokenByHash(ctx, [32]byte{}) },
		"DeleteToken":     func() { err = f.store.DeleteToken(ctx, [32]byte{}) },
	} {
		err = nil
		call()
		f.Log(name)
		f.want(err, context.Canceled)
	}

	f.holds(first, "started 1")
	g, err := f.store.GraphByID(f.Context(), graph)
	f.no(err)
	if g.Revision != 1 {
		f.Errorf("revision %d", g.Revision)
	}
	_, err = f.store.GraphByName(f.Context(), project, "new")
	f.want(err, store.ErrNotFound)
	_, err = f.store.Acquire(f.Context(), 0, "another", time.Hour)
	f.want(err, store.ErrExists)
	f.stored(next(first, "second"))
}
