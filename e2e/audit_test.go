package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// auditRecord is a record of the audit log, as far as tests look at it.
type auditRecord struct {
	Number, Of                                            int64
	Stage, Action, User, AccessKey, Project, Object, Hash string
	Request                                               string `json:"request_id"`
	Status                                                int
}

// auditLog returns the whole log, the oldest record first.
func (s *server) auditLog(t *testing.T) (all []auditRecord) {
	t.Helper()
	for marker := ""; ; {
		var page struct {
			Records []auditRecord
			Next    string `json:"next_marker"`
		}
		a, err := s.call(http.MethodGet, "/heddle/audit?order=asc&limit=1000"+marker, nil, nil)
		if err == nil {
			err = a.into(&page)
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Records...)
		if page.Next == "" {
			return all
		}
		marker = "&marker=" + page.Next
	}
}

// verifyAudit runs "heddle audit verify" and returns the tip that it prints, or
// what it says is wrong.
func (s *server) verifyAudit(t *testing.T, flags ...string) (tip, wrong string) {
	t.Helper()
	c := exec.Command(binary, append([]string{"audit", "verify", "--server", "http://" + s.address}, flags...)...)
	c.Env = append(c.Environ(), "HEDDLE_TOKEN="+s.token)
	var out, faults strings.Builder
	c.Stdout, c.Stderr = &out, &faults
	if err := c.Run(); err != nil {
		return "", faults.String()
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	return lines[len(lines)-1], ""
}

// executing are the calls that start something or bring it on, which the journals of
// executions say. A stop is a deed all the same.
var executing = regexp.MustCompile(`/(executions/action|event_test|worker_messages|events|messages|invocations|invocations-async|callbacks/.*)$`)

// TestAuditOfTheSurface makes every call there is, and holds the audit log against
// what was answered.
func TestAuditOfTheSurface(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	s.administered()
	s.start()
	s.login("admin", adminPassword)
	w := newWalk(s, map[string]string{"url": "http://" + freeAddress(t) + "/"})
	answered := map[string]int{} // statuses, by the ids of requests
	for _, step := range surface {
		a := w.take(t, step, "")
		id := a.header.Get("X-Request-Id")
		if !executing.MatchString(step.path) {
			answered[id] = a.status
		}
	}
	asked := map[int64]auditRecord{}
	for _, r := range s.auditLog(t) {
		switch {
		case r.Stage == "asked":
			asked[r.Number] = r
			continue
		case r.Of != 0:
			if before, ok := asked[r.Of]; !ok || before.Action != r.Action || before.User != r.User || before.Request != r.Request {
				t.Errorf("%+v is not the end of %+v", r, before)
			}
			delete(asked, r.Of)
		}
		want, ok := answered[r.Request]
		// Others are what the server itself has done, the login, and one of the calls that execute.
		if !ok && r.Request != "" && r.Action != "token.create" && r.Action != "execution.stop" {
			t.Errorf("nobody asked for %+v", r)
		}
		if ok && (r.Status != want || r.Action == "") {
			t.Errorf("%+v was answered with %d", r, want)
		}
		delete(answered, r.Request)
	}
	if len(answered)+len(asked) != 0 {
		t.Errorf("not in the log: %v; without an end: %v", answered, asked)
	}
	if tip, wrong := s.verifyAudit(t); tip == "" {
		t.Error(wrong)
	}
}

// TestAuditAcrossKills kills the server among changes: each that was acknowledged
// has its two records, and each that has taken place was asked for.
func TestAuditAcrossKills(t *testing.T) {
	t.Parallel()
	for _, st := range []string{"sqlite", "postgres"} {
		t.Run(st, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, nil)
			if st == "postgres" {
				s.store = newSchema(t)
			}
			s.start()
			var number atomic.Int64
			var acknowledged sync.Map // ids of requests
			killing(t, s, chance(t), func(life context.Context) {
				var clients sync.WaitGroup
				for range 4 {
					clients.Go(func() {
						for life.Err() == nil {
							id := fmt.Sprintf("p%d", number.Add(1))
							a, err := s.call(http.MethodPost, "/heddle/projects", map[string]string{"name": id}, http.Header{"X-Request-Id": {id}})
							if err == nil && a.status == http.StatusOK {
								acknowledged.Store(id, true)
							}
						}
					})
				}
				clients.Wait()
			})
			asked, done := map[string]bool{}, map[string]bool{}
			for _, r := range s.auditLog(t) {
				switch {
				case r.Stage == "asked":
					asked[r.Request] = true
				case r.Status == http.StatusOK:
					done[r.Request] = true
				}
			}
			count := 0
			acknowledged.Range(func(id, _ any) bool {
				count++
				if !done[id.(string)] {
					t.Errorf("project %s was acknowledged, and no record says so", id)
				}
				return true
			})
			var list struct{ Projects []struct{ Name string } }
			if a, err := s.call(http.MethodGet, "/heddle/projects", nil, nil); err != nil || a.into(&list) != nil {
				t.Fatal(a, err)
			}
			for _, p := range list.Projects {
				if !asked[p.Name] {
					t.Errorf("project %s is there, and no record says that it was asked for", p.Name)
				}
			}
			t.Logf("%d changes were acknowledged, %d have taken place, %d were asked for", count, len(list.Projects), len(asked))
			if count == 0 {
				t.Error("nothing was acknowledged")
			}
			if tip, wrong := s.verifyAudit(t); tip == "" {
				t.Error(wrong)
			}
		})
	}
}

// TestAuditShowsTampering changes the log behind the server's back.
func TestAuditShowsTampering(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	s.store = newSchema(t)
	s.start()
	for _, name := range []string{"one", "two", "three"} {
		if a, err := s.call(http.MethodPost, "/heddle/projects", map[string]string{"name": name}, nil); err != nil || a.status != http.StatusOK {
			t.Fatal(a, err)
		}
	}
	tip, wrong := s.verifyAudit(t)
	if !strings.HasPrefix(tip, "6:") {
		t.Fatal(tip, wrong)
	}
	db, err := pgx.Connect(t.Context(), s.store)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(context.WithoutCancel(t.Context()))
	for _, change := range []string{`UPDATE audit SET "user" = 'eve'`, "DELETE FROM audit", "TRUNCATE audit"} {
		if _, err := db.Exec(t.Context(), change); err == nil || !strings.Contains(err.Error(), "the audit log is not changed") {
			t.Errorf("%s: got %v", change, err)
		}
	}
	tamper := func(change string) {
		t.Helper()
		for _, statement := range []string{"ALTER TABLE audit DISABLE TRIGGER audit_stays", change} {
			if _, err := db.Exec(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
	}
	tamper(`UPDATE audit SET "user" = 'eve' WHERE number = 4`)
	if _, wrong := s.verifyAudit(t); !strings.Contains(wrong, "record 4 is not as it was entered") {
		t.Errorf("a changed record: %q", wrong)
	}
	tamper(`UPDATE audit SET "user" = '' WHERE number = 4`)
	if again, wrong := s.verifyAudit(t, "--after", tip); again != tip {
		t.Errorf("undone: %q %q", again, wrong)
	}
	tamper("DELETE FROM audit WHERE number > 4")
	if short, wrong := s.verifyAudit(t); !strings.HasPrefix(short, "4:") {
		t.Errorf("what was cut off shows without a tip: %q %q", short, wrong)
	}
	if _, wrong := s.verifyAudit(t, "--after", tip); !strings.Contains(wrong, "was cut off: record 6 is missing") {
		t.Errorf("cut off: %q", wrong)
	}
	tamper("DELETE FROM audit WHERE number = 2")
	if _, wrong := s.verifyAudit(t); !strings.Contains(wrong, "record 2 is missing") {
		t.Errorf("a removed record: %q", wrong)
	}
}
