package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

const strangersProject = "5f0e3a4c8d7b4e1f9a6b2c3d4e5f6071"

// absent has other names for all that the surface makes, of things that there are
// not.
var absent = strings.NewReplacer("walked", "vanish", "told", "gone", "task", "mask", "daily", "never", "prod", "nope", "ask", "sky", "answer", "letter", "spare", "blank")

// neverMade returns what names a thing like this one that was never made.
func neverMade(value string) string {
	value = absent.Replace(value)
	return lastOfID.ReplaceAllStringFunc(value, func(id string) string {
		last := "0"
		if strings.HasSuffix(id, "0") {
			last = "1"
		}
		return id[:len(id)-1] + last
	})
}

var lastOfID = regexp.MustCompile(`[0-9a-f]{32}$`)

// repeated are the parts of an answer that say again what was asked for, and its own
// id.
var repeated = regexp.MustCompile(`"request_id": ?"[^"]*"|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|vanish|walked|gone|told|mask|task|never|daily|nope|prod|sky|ask|letter|answer|blank|spare`)

func withoutEcho(a answer) string {
	return fmt.Sprint(a.status, " ", repeated.ReplaceAllString(string(a.body), "·"))
}

// aboutThings finds the names of things, other than of projects, in a path or a body.
var aboutThings = regexp.MustCompile(`\{(graph_urn|execution_urn|trigger_urn|trigger_identifier|mapping_id|cron_trigger_urn|function_urn|alias_name|asking|answering|spare)\}`)

// TestStrangers has an operator of one project ask for everything that another
// project has, by every call of both APIs: as it is named there, and as if it were
// his own. The answer is the one to what was never made, nothing there changes, and
// no list of his has any of it.
func TestStrangers(t *testing.T) {
	t.Parallel()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("1")) }))
	t.Cleanup(web.Close)
	s := newServer(t, nil)
	s.administered()
	s.start()
	s.login("admin", adminPassword)
	w := newWalk(s, map[string]string{"url": web.URL, "token": "none"})
	steps := map[string]string{} // bodies, by their calls
	for _, st := range surface {
		if a := w.take(t, st, ""); a.status/100 != 2 && !strings.HasPrefix(st.path, "/callbacks/") {
			t.Fatalf("%s %s was answered %v", st.method, st.path, a)
		}
		steps[st.method+" "+st.path] = st.body
	}
	const password = "a password of eve"
	a, err := s.call(http.MethodPost, "/heddle/users", map[string]any{
		"name": "eve", "password": password, "grants": []map[string]string{{"project": strangersProject, "role": "operator"}},
	}, nil)
	if err != nil || a.status != http.StatusOK {
		t.Fatal(a, err)
	}
	admin := s.token
	seen := func() map[string]string {
		s.token = admin
		all := map[string]string{}
		for path, a := range w.reads(t) {
			if !strings.HasPrefix(path, "/heddle/audit") && path != "/heddle/secrets" { // which go on by themselves
				all[path] = string(a.body)
			}
		}
		return all
	}
	before := seen()
	eventually(t, "nothing moves any more", func() bool {
		last := before
		before = seen()
		return maps.Equal(last, before)
	})

	s.token = s.loginTo(t, "eve", password, strangersProject)
	named := func(project string, change func(string) string) *walk {
		kept := map[string]string{"topic": w.kept["topic"]}
		for name, value := range w.kept {
			kept[name] = change(value)
		}
		kept["project_id"], kept["project"] = project, project
		kept["trigger_identifier"] = kept["trigger_urn"]
		return &walk{s, kept}
	}
	same := func(value string) string { return value }
	moved := func(value string) string { return strings.ReplaceAll(value, project, strangersProject) }
	asked := 0
	for _, r := range routes(t, "GET|POST|PUT|DELETE") {
		if !strings.Contains(r.path, "{project_id}") || strings.HasPrefix(r.path, "/heddle/") {
			continue
		}
		body := steps[r.method+" "+r.path]
		ask := func(w *walk, body string) answer {
			a, err := w.request(r.method, w.filled(r.path), []byte(w.filled(body)), http.Header{"Content-Type": {"application/json"}})
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		there := ask(named(project, same), body)
		if there.status != http.StatusForbidden && there.status != http.StatusUnauthorized {
			t.Errorf("%s %s in the other project: %v", r.method, r.path, there)
		}
		if !aboutThings.MatchString(r.path + body) {
			continue // it makes or lists things of his own
		}
		asked++
		for how, change := range map[string]func(string) string{"by its name there": same, "as his own": moved} {
			theirs := ask(named(strangersProject, change), body)
			never := ask(named(strangersProject, func(value string) string { return neverMade(change(value)) }), strings.ReplaceAll(body, "walked", "vanish"))
			if theirs.status/100 == 2 || withoutEcho(theirs) != withoutEcho(never) {
				t.Errorf("%s %s, %s: got %v; what was never made: %v", r.method, r.path, how, theirs, never)
			}
		}
	}
	if asked < 30 {
		t.Errorf("only %d calls were about things", asked)
	}
	for _, r := range routes(t, "GET") {
		if aboutThings.MatchString(r.path) || !strings.Contains(r.path, "{project_id}") || strings.HasPrefix(r.path, "/heddle/audit/") {
			continue // the audit log has what he asked for just now
		}
		w := named(strangersProject, same)
		a, err := w.request(http.MethodGet, w.filled(r.path), nil, nil)
		if text := string(a.body); err != nil || strings.Contains(text, "walked") || strings.Contains(text, "told") {
			t.Errorf("GET %s shows what another project has: %s", r.path, text)
		}
	}
	after := seen()
	for path := range before {
		if before[path] != after[path] {
			t.Errorf("GET %s has changed from %s to %s", path, before[path], after[path])
		}
	}
}
