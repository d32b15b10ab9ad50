package functionapi_test

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"heddle/internal/admission"
	"heddle/internal/functionapi"
	"heddle/internal/store"
)

// Every call that changes something is in the audit log: that it was asked for, and
// what came of it. Invocations are only where all is.
func TestEveryChangeIsAudited(t *testing.T) {
	t.Parallel()
	for _, all := range []bool{false, true} {
		everyChangeIsAudited(t, newServiceWith(t, functionapi.Config{
			Region: "local", BodyMax: 1 << 16, CallTimeout: time.Minute, Invocations: admission.Room{Max: 2, Share: 1}, AuditAll: all,
		}), all)
	}
}

func everyChangeIsAudited(t *testing.T, s *service, all bool) {
	anything := regexp.MustCompile(`\{\w+\}`)
	there := functionapi.Routes()
	for route, action := range functionapi.Audited() {
		method, path := route[0], route[1]
		is := there[[2]string{method, "/v2/{project_id}" + path}]
		if changes := is && method != "GET"; changes != (action != "") {
			t.Errorf("%s %s changes something: %t; its name in the audit log is %q", method, path, changes, action)
		}
		if action == "" {
			continue
		}
		records := 2
		if strings.Contains(path, "/invocations") && !all {
			records = 0
		}
		target := "/v2/p1" + anything.ReplaceAllString(path, "x")
		object := target
		if anything.MatchString(path) {
			object = "x"
		}
		r := httptest.NewRequest(method, target, strings.NewReader("{}"))
		id := method + strings.ReplaceAll(path[1:], "/", ".")
		id = anything.ReplaceAllString(id, "x")
		r.Header.Set("X-Request-Id", id)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		log, _, err := s.store.AuditLog(t.Context(), store.AuditFilter{Action: action}, store.AuditPage{Limit: 10, Looks: 10_000, Ascending: true})
		if err != nil || len(log) != records {
			t.Fatalf("%s %s has the records %+v, %v", method, path, log, err)
		}
		if records == 0 {
			continue
		}
		code := regexp.MustCompile(`FSS\.\d{4}`).FindString(w.Body.String())
		got := fmt.Sprint(log[0].Stage, log[1].Stage, log[1].Of-log[0].Number, log[1].Project, log[1].Object, log[1].Request, log[1].Status, log[1].Code)
		if want := fmt.Sprint("asked", "done", 0, "p1", object, id, w.Code, code); got != want {
			t.Errorf("%s %s: got %s, want %s", method, path, got, want)
		}
	}
}

// Which code a function got, and which version an alias names, is in the log.
func TestAuditedChoices(t *testing.T) {
	t.Parallel()
	s := newService(t)
	digest := s.ok(s.do("POST", base, created()), 200).fields["digest"]
	changed := s.ok(s.do("PUT", one+"/code", `{"code_type":"inline","func_code":{"file":"`+base64of("exports.handler = () => 2")+`"}}`), 200).fields["digest"]
	s.ok(s.do("POST", one+"/versions", `{"version":"v1"}`), 200)
	s.ok(s.do("POST", one+"/aliases", `{"name":"prod","version":"v1"}`), 200)
	s.ok(s.do("PUT", one+"/aliases/prod", `{"version":"latest"}`), 200)
	s.ok(s.do("DELETE", one+":latest", ""), 204)
	log, _, err := s.store.AuditLog(t.Context(), store.AuditFilter{}, store.AuditPage{Limit: 20, Looks: 20, Ascending: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range log {
		if r.Of != 0 {
			got = append(got, r.Action+" "+r.Object+" "+r.Detail)
		}
	}
	want := []string{
		fmt.Sprintf("function.create %s digest=%s", hello, digest),
		fmt.Sprintf("function.update_code %s digest=%s", hello, changed),
		fmt.Sprintf("function.publish %s:v1 digest=%s", hello, changed),
		fmt.Sprintf("alias.create %s:!prod version=v1", hello),
		fmt.Sprintf("alias.update %s:!prod alias_name=prod, version=latest", hello),
		fmt.Sprintf("function.delete %s ", hello),
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
