package storetest

import (
	"crypto/rand"
	"fmt"
	"sync"

	"heddle/internal/audit"
	"heddle/internal/journal"
	"heddle/internal/store"
)

// audited appends an entry.
func (f *fixture) audited(e audit.Entry) audit.Record {
	f.Helper()
	records, err := f.store.Audit(f.Context(), []audit.Entry{e})
	f.no(err)
	return records[0]
}

// auditLog returns all of the log, in order.
func (f *fixture) auditLog() []audit.Record {
	f.Helper()
	log, next, err := f.store.AuditLog(f.Context(), store.AuditFilter{}, store.AuditPage{Limit: 1000, Looks: 1000, Ascending: true})
	f.no(err)
	if next != 0 {
		f.Errorf("the log goes on behind %d", next)
	}
	return log
}

func testAudit(f *fixture) {
	if log := f.auditLog(); len(log) != 0 {
		f.Errorf("a new store has the audit log %v", log)
	}
	entry := audit.Entry{
		At: 7, Stage: audit.Done, Of: 3, Action: "graph.create", User: "grâce", Access: "AK1", Project: project,
		Object: "urn:fgs:local:demo:graph:g", Detail: "a=b", Address: "2001:db8::1", Request: "r-1", Status: 200, Code: "FGS.1006", Left: 9,
	}
	both, err := f.store.Audit(f.Context(), []audit.Entry{entry, {Stage: audit.Refused}})
	f.no(err)
	first, second := both[0], both[1]
	f.reopen()
	third := f.audited(entry)
	if want := (audit.Tip{}).Next(entry); first != want {
		f.Errorf("the first record is %+v, want %+v", first, want)
	}
	log := f.auditLog()
	if want := []audit.Record{first, second, third}; fmt.Sprint(log) != fmt.Sprint(want) {
		f.Fatalf("the log is %+v, want %+v", log, want)
	}
	if tip, err := (audit.Tip{}).Follow(log...); err != nil || tip != third.Tip() {
		f.Errorf("the log ends with %+v, %v", tip, err)
	}
}

func testAuditInARace(f *fixture) {
	const each, writers = 5, 4
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for n := range each {
				if _, err := f.store.Audit(f.Context(), []audit.Entry{{Request: fmt.Sprint(w, n)}}); err != nil {
					f.Errorf("append: %v", err)
				}
			}
		})
	}
	writing.Wait()
	if tip, err := (audit.Tip{}).Follow(f.auditLog()...); err != nil || tip.Number != each*writers {
		f.Errorf("the log ends with %d, %v, want %d", tip.Number, err, each*writers)
	}
}

func testListAudit(f *fixture) {
	for n, e := range []audit.Entry{
		{Project: "a", User: "ada", Action: "graph.create", Object: "g"},
		{Project: "b", User: "ada", Action: "graph.delete", Object: "h"},
		{Project: "a", User: "bob", Action: "graph.delete", Object: "g"},
		{Project: "a", User: "ada", Action: "graph.create", Object: "g", Access: "K"},
	} {
		e.At = journal.Millis(10 * (n + 1))
		f.audited(e)
	}
	up := func(after int64, limit, looks int) store.AuditPage {
		return store.AuditPage{After: after, Limit: limit, Looks: looks, Ascending: true}
	}
	for name, c := range map[string]struct {
		filter store.AuditFilter
		page   store.AuditPage
		want   string // the numbers, and where the next page begins
	}{
		"all":                {store.AuditFilter{}, up(0, 9, 9), "[1 2 3 4] 0"},
		"the newest first":   {store.AuditFilter{}, store.AuditPage{Limit: 9, Looks: 9}, "[4 3 2 1] 0"},
		"a page":             {store.AuditFilter{}, up(1, 2, 9), "[2 3] 3"},
		"a page, descending": {store.AuditFilter{}, store.AuditPage{After: 4, Limit: 2, Looks: 9}, "[3 2] 2"},
		"behind the end":     {store.AuditFilter{}, up(4, 2, 9), "[] 0"},

		"of a project":           {store.AuditFilter{Project: "a"}, up(0, 9, 9), "[1 3 4] 0"},
		"of a user":              {store.AuditFilter{User: "ada"}, up(1, 9, 9), "[2 4] 0"},
		"of a key":               {store.AuditFilter{Access: "K"}, up(0, 9, 9), "[4] 0"},
		"of an action":           {store.AuditFilter{Action: "graph.delete"}, up(0, 9, 9), "[2 3] 0"},
		"of an object":           {store.AuditFilter{Object: "g"}, up(0, 9, 9), "[1 3 4] 0"},
		"since":                  {store.AuditFilter{Since: 30}, up(0, 9, 9), "[3 4] 0"},
		"until":                  {store.AuditFilter{Until: 30}, up(0, 9, 9), "[1 2] 0"},
		"an object of a project": {store.AuditFilter{Project: "b", Object: "g"}, up(0, 9, 9), "[] 0"},
		"an object of a user":    {store.AuditFilter{User: "bob", Object: "g"}, up(0, 9, 9), "[3] 0"},
		"all of it": {
			store.AuditFilter{Project: "a", User: "ada", Action: "graph.create", Object: "g", Since: 10, Until: 40}, up(0, 9, 9), "[1] 0",
		},

		"looks":                 {store.AuditFilter{Action: "graph.delete"}, up(0, 9, 2), "[2] 2"},
		"looks, descending":     {store.AuditFilter{Action: "graph.create"}, store.AuditPage{After: 4, Limit: 9, Looks: 2}, "[] 2"},
		"looks, up to the end":  {store.AuditFilter{Action: "graph.delete"}, up(2, 9, 2), "[3] 4"},
		"looks, beyond the end": {store.AuditFilter{Action: "graph.delete"}, up(2, 9, 3), "[3] 0"},
		"looks at an object":    {store.AuditFilter{Object: "g", Access: "K"}, up(0, 9, 2), "[] 3"},
		"looks at a user":       {store.AuditFilter{User: "ada", Access: "K"}, up(0, 9, 3), "[4] 4"},
		"looks at a project":    {store.AuditFilter{Project: "a", Access: "K"}, up(0, 9, 2), "[] 3"},
	} {
		records, next, err := f.store.AuditLog(f.Context(), c.filter, c.page)
		f.no(err)
		numbers := []int64{}
		for _, r := range records {
			numbers = append(numbers, r.Number)
		}
		if got := fmt.Sprint(numbers, next); got != c.want {
			f.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// The longest texts are found, also those that do not get shorter by compressing.
func testAuditOfLongTexts(f *fixture) {
	const longest = 1024
	text := ""
	for len(text) < longest {
		text += rand.Text()
	}
	text = text[:longest]
	r := f.audited(audit.Entry{Action: text, User: text, Access: text, Project: text, Object: text, Detail: text, Address: text, Request: text, Code: text})
	for scope, filter := range map[string]store.AuditFilter{"object": {Object: text}, "user": {User: text}, "project": {Project: text}} {
		records, _, err := f.store.AuditLog(f.Context(), filter, store.AuditPage{Limit: 1, Looks: 1})
		f.no(err)
		if len(records) != 1 || records[0] != r {
			f.Errorf("by its %s: got %+v", scope, records)
		}
	}
}
