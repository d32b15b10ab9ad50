package e2e

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// owned are fields that are the server's to set, or that there are not, each with a
// value that is found again wherever it is kept.
var owned = map[string]any{
	"id": "mark-id", "uuid": "mark-uuid", "tenant": "mark-tenant", "project": "mark-project", "project_id": "mark-project-id",
	"project_name": "mark-project-name", "namespace": "mark-namespace", "domain_id": "mark-domain", "owner": "mark-owner", "user": "mark-user",
	"status": "mark-status", "state": "mark-state", "execution_state": "mark-execution-state", "created_at": "mark-created-at",
	"started_at": "mark-started-at", "last_modified": "mark-last-modified", "modified_at": "mark-modified-at", "epoch": "mark-epoch",
	"revision": "mark-revision", "lease": "mark-lease", "shard": "mark-shard", "seq": "mark-seq", "output": "mark-output",
	"graph_urn": "urn:fgs:local:mark:graph:mark", "execution_urn": "urn:fgs:local:mark:execution:mark", "func_urn": "urn:fss:local:mark:function:mark:mark",
	"trigger_urn": "urn:fgs:local:mark:trigger:mark", "alias_urn": "mark-alias-urn", "digest": "mark-digest", "code_size": 424242424242,
	"image_name": "mark-image", "version": "mark-version", "access": "MARKACCESS", "secret": "mark-secret", "role": "mark-role", "is_admin": "mark-admin",
	"has_password": "mark-has-password", "used": 424242424242, "enabled_by": "mark-enabled-by", "__proto__": "mark-proto", "constructor": "mark-constructor",
}

// with returns a JSON object, and the objects in it, with the owned fields that they
// do not have.
func with(object map[string]any) map[string]any {
	changed := maps.Clone(object)
	for name, value := range object {
		switch value := value.(type) {
		case map[string]any:
			changed[name] = with(value)
		case []any:
			for i := range value {
				if inner, ok := value[i].(map[string]any); ok {
					value[i] = with(inner)
				}
			}
		}
	}
	for name, value := range owned {
		if _, there := object[name]; !there {
			changed[name] = value
		}
	}
	return changed
}

// TestServerOwnedFields sends each body of both APIs with fields that are not the
// caller's to set. They are ignored or refused, and nothing of them is kept.
func TestServerOwnedFields(t *testing.T) {
	t.Parallel()
	d := &deferring{urls: map[string]string{}}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("1")) }))
	t.Cleanup(web.Close)
	s := newServerWith(t, functions{"later": d.ServeHTTP})
	s.administered()
	s.start()
	s.login("admin", adminPassword)
	s.mustStart(t, calling("later"), `1`)
	eventually(t, "a call is deferred", func() bool { return d.of(`1`) != "" })
	w := newWalk(s, map[string]string{"url": web.URL, "token": d.of(`1`)[strings.LastIndex(d.of(`1`), "/")+1:]})
	ignored, refused := 0, 0
	for _, st := range surface {
		var object map[string]any
		if st.data || json.Unmarshal([]byte(w.filled(st.body)), &object) != nil {
			if a := w.take(t, st, ""); a.status/100 != 2 {
				t.Errorf("%s %s was answered %v", st.method, st.path, a)
			}
			continue
		}
		all := with(object)
		for _, name := range optional[st.path] {
			drop(all, name)
		}
		text, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		switch a := w.take(t, st, string(text)); {
		case a.status/100 == 2:
			ignored++
		case a.status == http.StatusBadRequest || a.status == http.StatusUnauthorized: // an id means somebody else
			refused++
			if a := w.take(t, st, ""); a.status/100 != 2 {
				t.Errorf("%s %s was answered %v", st.method, st.path, a)
			}
		default:
			t.Errorf("%s %s was answered %v", st.method, st.path, a)
		}
	}
	t.Logf("%d bodies were taken without the fields, %d refused", ignored, refused)
	for path, a := range w.reads(t) {
		if found := marked(string(a.body)); found != "" {
			t.Errorf("GET %s shows %s: %s", path, found, a.body)
		}
	}
	s.kill()
	files, err := filepath.Glob(filepath.Join(s.dir, "heddle.db*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if found := marked(string(text)); found != "" {
			t.Errorf("%s has %s", file, found)
		}
	}
}

// optional are owned fields that a caller may set, though no step does.
var optional = map[string][]string{
	"/heddle/projects": {"id"},
	"/v3/auth/tokens":  {"id"}, // names who logs in, which the audit log has
	"/v2/{project_id}/fgs/functions/{function_urn}/versions": {"digest"},
}

// drop takes a field out of an object, and out of the objects in it.
func drop(object map[string]any, name string) {
	delete(object, name)
	for _, value := range object {
		if inner, ok := value.(map[string]any); ok {
			drop(inner, name)
		}
	}
}

func marked(text string) string {
	for _, value := range owned {
		if mark, ok := value.(string); ok && strings.Contains(text, mark) {
			return mark
		}
	}
	return ""
}
