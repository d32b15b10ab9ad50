package functionapi_test

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"heddle/internal/functionapi"
	"heddle/internal/store"
)

// Every call that changes a function is in the audit log: that it was asked for,
// and what came of it.
func TestEveryChangeIsAudited(t *testing.T) {
	t.Parallel()
	s := newService(t)
	anything := regexp.MustCompile(`\{\w+\}`)
	there := functionapi.Routes()
	for route, action := range functionapi.Audited() {
		method, path := route[0], route[1]
		is := there[[2]string{method, "/v2/{project_id}" + path}]
		if changes := is && method != "GET" && !strings.Contains(path, "/invocations"); changes != (action != "") {
			t.Errorf("%s %s changes something: %t; its name in the audit log is %q", method, path, changes, action)
		}
		if action == "" {
			continue
		}
		target := "/v2/p1" + anything.ReplaceAllString(path, "x")
		r := httptest.NewRequest(method, target, strings.NewReader("{}"))
		id := method + strings.ReplaceAll(path[1:], "/", ".")
		id = anything.ReplaceAllString(id, "x")
		r.Header.Set("X-Request-Id", id)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		log, _, err := s.store.AuditLog(t.Context(), store.AuditFilter{Action: action}, store.AuditPage{Limit: 10, Looks: 10_000, Ascending: true})
		if err != nil || len(log) != 2 {
			t.Fatalf("%s %s has the records %+v, %v", method, path, log, err)
		}
		code := regexp.MustCompile(`FSS\.\d{4}`).FindString(w.Body.String())
		got := fmt.Sprint(log[0].Stage, log[1].Stage, log[1].Of-log[0].Number, log[1].Project, log[1].Object, log[1].Request, log[1].Status, log[1].Code)
		if want := fmt.Sprint("asked", "done", 0, "p1", target, id, w.Code, code); got != want {
			t.Errorf("%s %s: got %s, want %s", method, path, got, want)
		}
	}
}
