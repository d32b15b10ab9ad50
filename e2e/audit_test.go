package e2e

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"heddle/internal/identity/signature"
	"heddle/internal/store/sqlite"
)

// auditRecord is a record of the audit log, as far as tests look at it.
type auditRecord struct {
	Number, Of                                                  int64
	Stage, Action, User, Project, Object, Detail, Address, Hash string
	AccessKey                                                   string `json:"access_key"`
	Request                                                     string `json:"request_id"`
	Status                                                      int
	Code                                                        string `json:"error_code"`
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
	for _, entered := range []string{"changes", "all"} {
		t.Run(entered, func(t *testing.T) {
			t.Parallel()
			auditOfTheSurface(t, entered)
		})
	}
}

func auditOfTheSurface(t *testing.T, entered string) {
	s := newServer(t, nil)
	s.administered()
	s.set("audit: " + entered)
	s.start()
	s.login("admin", adminPassword)
	w := newWalk(s, map[string]string{"url": "http://" + freeAddress(t) + "/"})
	answered := map[string]int{} // statuses, by the ids of requests
	for _, step := range surface {
		a := w.take(t, step, "")
		id := a.header.Get("X-Request-Id")
		if !executing.MatchString(step.path) || entered == "all" && !strings.HasPrefix(step.path, "/callbacks/") {
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
		if r.Action == "trigger.delete" { // of each trigger of the batch
			continue
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

// TestAuditOfUsers has several users do what they may and what they may not, from
// addresses of their own behind a proxy, and wants exactly that in the log.
func TestAuditOfUsers(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	s.administered()
	s.set("trusted-proxies: 127.0.0.0/8")
	s.start()

	const definition = `{"states":{"wait":{"type":"DELAY","time-delay":3600,"start":true,"next-state":"end"},"end":{"type":"END"}}}`
	graph := "urn:fgs:" + region + ":" + project + ":graph:nap"
	var key accessKey
	ask := func(who, method, path string, body any) answer {
		t.Helper()
		host := map[string]string{"ada": "1", "opal": "2", "vera": "3", "key": "4", "thief": "5", "nobody": "6"}[strings.Fields(who)[0]]
		header := http.Header{"X-Forwarded-For": {"198.51.100.9, 203.0.113." + host}}
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		switch signs := strings.Fields(who); {
		case signs[0] == "key", signs[0] == "thief":
			secret := key.Secret
			if signs[0] == "thief" {
				secret = strings.Repeat("x", 40)
			}
			r, err := http.NewRequest(method, "http://"+s.address+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			signature.Sign(r, text, key.Access, secret, time.Now())
			for _, name := range []string{"Authorization", "X-Sdk-Date"} {
				header[name] = r.Header[name]
			}
		case len(signs) > 1:
			header["X-Auth-Token"] = signs[1:]
		}
		a, err := s.request(method, path, text, header)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	login := func(who, name, password string) string {
		t.Helper()
		var body map[string]any
		text := fmt.Sprintf(`{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":%q,"password":%q}}},"scope":{"project":{"id":%q}}}}`, name, password, project)
		if err := json.Unmarshal([]byte(text), &body); err != nil {
			t.Fatal(err)
		}
		return who + " " + ask(who, "POST", "/v3/auth/tokens", body).header.Get("X-Subject-Token")
	}
	user := func(name, role string) map[string]any {
		return map[string]any{"name": name, "password": "password of " + name, "grants": []any{map[string]any{"project": project, "role": role}}}
	}
	act := func(kind string, executions map[string]string) map[string]any {
		return map[string]any{"action_type": kind, "executions": executions}
	}
	const graphs = base + "/cloud_graphs"

	ada := login("ada", "admin", adminPassword)
	ask(ada, "POST", "/heddle/users", user("opal", "operator"))
	ask(ada, "POST", "/heddle/users", user("vera", "viewer"))
	if err := ask(ada, "POST", "/heddle/keys", map[string]string{"user": "opal", "project": project}).into(&key); err != nil {
		t.Fatal(err)
	}
	opal := login("opal", "opal", "password of opal")
	ask(opal, "POST", graphs, map[string]string{"graph_name": "nap", "definition": definition})
	ask(opal, "PUT", graphs+"/"+graph, map[string]string{"info_type": "definition", "info": "{}"})
	ask(opal, "GET", graphs, nil)
	ask(opal, "DELETE", "/v1.0/other/cloud_graphs/"+graph, nil)
	ask(opal, "POST", "/heddle/users", user("eve", "viewer"))
	vera := login("vera", "vera", "password of vera")
	ask(vera, "DELETE", graphs+"/"+graph, nil)
	ask(vera, "GET", "/heddle/audit/"+project, nil)
	login("nobody", "vera", "a guess")
	var execution struct {
		URN string `json:"execution_urn"`
	}
	if err := ask("key", "POST", graphs+"/"+graph+"/executions/action", act("start", map[string]string{"execution_name": "x", "input": "{}"})).into(&execution); err != nil {
		t.Fatal(err)
	}
	ask("key", "POST", graphs+"/"+graph+"/executions/action", act("stop", map[string]string{"execution_urn": execution.URN}))
	ask("thief", "DELETE", graphs+"/"+graph, nil)
	ask("nobody", "GET", graphs, nil)
	ask(ada, "DELETE", "/heddle/keys/"+key.Access, nil)
	ask("key", "GET", graphs, nil)
	s.token = "" // of no request here
	s.call(http.MethodDelete, "/v3/auth/tokens", nil, http.Header{"X-Subject-Token": {strings.Fields(vera)[1]}, "X-Forwarded-For": {"203.0.113.3"}})

	// stage, action, who, from, on what, with what result; "asked+done" is both.
	want := strings.Split(strings.TrimSpace(`
asked+done user.create - - - admin (role=admin in *) 200
done token.create admin - 203.0.113.1 /v3/auth/tokens 201
asked+done user.create admin - 203.0.113.1 opal (role=operator in PROJECT) 200
asked+done user.create admin - 203.0.113.1 vera (role=viewer in PROJECT) 200
asked+done key.create admin - 203.0.113.1 KEY (user=opal, project=PROJECT) 200
done token.create opal - 203.0.113.2 /v3/auth/tokens 201
asked+done graph.create opal - 203.0.113.2 GRAPH (revision=1) 200
asked+done graph.update opal - 203.0.113.2 GRAPH 400 FGS.1002
refused graph.delete opal - 203.0.113.2 GRAPH 403 FGS.0004
refused user.create opal - 203.0.113.2 /heddle/users 403 FGS.0004
done token.create vera - 203.0.113.3 /v3/auth/tokens 201
refused graph.delete vera - 203.0.113.3 GRAPH 403 FGS.0004
refused - vera - 203.0.113.3 /heddle/audit/PROJECT 403 FGS.0004
refused token.create vera - 203.0.113.6 /v3/auth/tokens 401 FGS.0002
asked+done execution.stop opal KEY 203.0.113.4 EXECUTION 200
refused graph.delete - KEY 203.0.113.5 GRAPH 401 FGS.0002
refused - - - 203.0.113.6 GRAPHS 401 FGS.0011
asked+done key.delete admin - 203.0.113.1 KEY 204
refused - - KEY 203.0.113.4 GRAPHS 401 FGS.0002
asked+done token.delete vera - 203.0.113.3 /v3/auth/tokens 204`), "\n")
	short := strings.NewReplacer(execution.URN, "EXECUTION", graph, "GRAPH", graphs, "GRAPHS", key.Access, "KEY", project, "PROJECT")
	lines := func(log []auditRecord) (lines []string) {
		asked := map[int64]bool{}
		for _, r := range log {
			stage := r.Stage
			switch {
			case stage == "asked":
				asked[r.Number] = true
				continue
			case asked[r.Of]:
				stage = "asked+done"
			}
			if r.Detail != "" {
				r.Object += " (" + r.Detail + ")"
			}
			fields := []string{stage, r.Action, r.User, r.AccessKey, r.Address, r.Object, fmt.Sprint(r.Status), r.Code}
			for i, field := range fields {
				fields[i] = cmp.Or(short.Replace(field), "-")
			}
			lines = append(lines, strings.TrimSuffix(strings.Join(fields, " "), " -"))
		}
		return lines
	}
	s.token = strings.Fields(ada)[1]
	if got := lines(s.auditLog(t)); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if tip, wrong := s.verifyAudit(t); tip == "" {
		t.Error(wrong)
	}

	// Its operator sees the project's part of it, and no more.
	var page struct{ Records []auditRecord }
	if err := ask(opal, "GET", "/heddle/audit/"+project+"?limit=1000", nil).into(&page); err != nil || len(page.Records) == 0 {
		t.Fatal(page, err)
	}
	for _, r := range page.Records {
		if r.Project != project {
			t.Errorf("the operator sees %+v", r)
		}
	}
}

// vandal changes the database of a server behind its back.
type vandal struct {
	disarm []string // statements that lift what keeps the log as it is
	change func(statement string) error
}

func newVandal(t *testing.T, s *server) vandal {
	if s.store != "" {
		db, err := pgx.Connect(t.Context(), s.store)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close(context.Background()) })
		return vandal{[]string{"DROP TRIGGER audit_stays ON audit"}, func(statement string) error {
			_, err := db.Exec(t.Context(), statement)
			return err
		}}
	}
	triggers := []string{"DROP TRIGGER audit_is_not_changed", "DROP TRIGGER audit_is_not_removed", "DROP TRIGGER audit_only_grows"}
	return vandal{triggers, func(statement string) error {
		s.terminate()
		defer s.start()
		// That makes the checksums of pages known to the driver.
		st, err := sqlite.Open(t.Context(), sqlite.Config{Dir: s.dir}, slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		if err := st.Close(); err != nil {
			return err
		}
		db, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, databaseFile)+"?vfs=heddle-checked")
		if err != nil {
			return err
		}
		defer db.Close()
		_, err = db.ExecContext(t.Context(), statement)
		return err
	}}
}

// TestAuditShowsTampering changes the log behind the server's back: the database
// refuses that, and where that is overcome, the log says where it was changed.
func TestAuditShowsTampering(t *testing.T) {
	t.Parallel()
	for _, st := range []string{"sqlite", "postgres"} {
		t.Run(st, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, nil)
			if st == "postgres" {
				s.store = newSchema(t)
			}
			s.start()
			tamperWithAudit(t, s, newVandal(t, s))
		})
	}
}

func tamperWithAudit(t *testing.T, s *server, v vandal) {
	for _, name := range []string{"one", "two", "three"} {
		if a, err := s.call(http.MethodPost, "/heddle/projects", map[string]string{"name": name}, nil); err != nil || a.status != http.StatusOK {
			t.Fatal(a, err)
		}
	}
	tip, wrong := s.verifyAudit(t)
	if !strings.HasPrefix(tip, "6:") {
		t.Fatal(tip, wrong)
	}
	for _, change := range []string{`UPDATE audit SET "user" = 'eve'`, "DELETE FROM audit"} {
		if err := v.change(change); err == nil || !strings.Contains(err.Error(), "audit log") {
			t.Errorf("%s: got %v", change, err)
		}
	}
	if again, wrong := s.verifyAudit(t, "--after", tip); again != tip {
		t.Errorf("the log ends with %q %q, want %q", again, wrong, tip)
	}
	tamper := func(change string) {
		t.Helper()
		if err := v.change(change); err != nil {
			t.Fatal(change, err)
		}
	}
	for _, statement := range v.disarm {
		tamper(statement)
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
	if _, wrong := s.verifyAudit(t, "--after", tip); !strings.Contains(wrong, "record 6 is missing: the log was cut off") {
		t.Errorf("cut off: %q", wrong)
	}
	tamper("DELETE FROM audit WHERE number = 2")
	if _, wrong := s.verifyAudit(t); !strings.Contains(wrong, "record 2 is missing") {
		t.Errorf("a removed record: %q", wrong)
	}
}
