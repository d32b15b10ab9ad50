package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A step is one call of the surface: all calls of both APIs that take a body, in an
// order in which each finds what it needs.
type step struct {
	method, path string // as the documents have it: {name} stands for what was kept
	body         string
	keep, field  string // keep a field of the answer by this name
	data         bool   // the body is data and belongs to whoever sends it
}

const (
	graphOfSurface = `{\"states\":{\"s\":{\"type\":\"DELAY\",\"start\":true,\"time-delay\":3600,\"next-state\":\"end\"},\"end\":{\"type\":\"END\"}}}`
	taskOfSurface  = `{\"event-defs\":{\"asked\":{\"source\":\"{asking}\"},\"done\":{\"source\":\"{answering}\"}},\"states\":{\"offer\":{\"type\":\"EVENT\",\"start\":true,\"events\":[{\"event-expression\":\"asked\",\"next-state\":\"working\"}]},\"working\":{\"type\":\"EVENT\",\"event-timeout\":3600,\"events\":[{\"event-expression\":\"done\",\"next-state\":\"end\"}]},\"end\":{\"type\":\"END\"}}}`
)

var surface = []step{
	{"POST", "/heddle/projects", `{"name": "surface"}`, "", "", false},
	{"POST", "/heddle/users", `{"name": "walker", "password": "{password}", "grants": [{"project": "{project_id}", "role": "viewer"}]}`, "user", "name", false},
	{"PUT", "/heddle/users/{user}", `{"disabled": false}`, "", "", false},
	{"PUT", "/heddle/users/{user}/grants/{project}", `{"role": "operator"}`, "", "", false},
	{"POST", "/heddle/keys", `{"user": "walker", "project": "{project_id}"}`, "access", "access", false},
	{"PUT", "/heddle/quotas/{project_id}/graphs", `{"quota": 100}`, "", "", false},
	{"PUT", "/heddle/quotas/{project_id}/triggers", `{"quota": 100}`, "", "", false},
	{"POST", "/heddle/secrets/rotate", ``, "", "", false},
	{"POST", "/v3/auth/tokens", `{"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "walker", "password": "{password}"}}}, "scope": {"project": {"id": "{project_id}"}}}}`, "", "", false},

	{"POST", "/v1.0/{project_id}/cloud_graphs", `{"graph_name": "walked", "description": "d", "definition": "` + graphOfSurface + `"}`, "graph_urn", "graph_urn", false},
	{"PUT", "/v1.0/{project_id}/cloud_graphs/{graph_urn}", `{"info_type": "definition", "info": "` + graphOfSurface + `"}`, "", "", false},
	{"POST", "/v1.0/{project_id}/cloud_graphs/{graph_urn}/executions/action", `{"action_type": "start", "executions": {"execution_name": "x", "input": "{}"}}`, "execution_urn", "execution_urn", false},
	{"POST", "/v1.0/{project_id}/cloud_graphs/{graph_urn}/executions/action", `{"action_type": "stop", "executions": {"execution_urn": "{execution_urn}"}}`, "", "", false},
	{"POST", "/v1.0/{project_id}/cloud_triggers", `{"event_source": "SMN", "name": "told", "trigger_def": "{\"Topic\":\"urn:smn:local:{project_id}:told\"}"}`, "trigger_urn", "trigger_urn", false},
	{"PUT", "/v1.0/{project_id}/cloud_triggers/{trigger_urn}", `{"description": "d"}`, "", "", false},
	{"POST", "/v1.0/{project_id}/trigger_graph_mappings", `{"trigger_urn": "{trigger_urn}", "graph_urn": "{graph_urn}"}`, "mapping_id", "response", false},
	{"PUT", "/v1.0/{project_id}/trigger_graph_mappings/{mapping_id}", `{"enabled": true}`, "", "", false},
	{"POST", "/v1.0/{project_id}/topics/{topic}/messages", `{"message": "1"}`, "", "", true},
	{"POST", "/v1.0/{project_id}/cloud_triggers", `{"event_source": "Worker", "name": "ask", "trigger_def": "{\"type\":\"WorkRequest\"}"}`, "asking", "trigger_urn", false},
	{"POST", "/v1.0/{project_id}/cloud_triggers", `{"event_source": "Worker", "name": "answer", "trigger_def": "{\"type\":\"WorkSuccess\"}"}`, "answering", "trigger_urn", false},
	{"POST", "/v1.0/{project_id}/cloud_triggers", `{"event_source": "SMN", "name": "spare", "trigger_def": "{\"Topic\":\"urn:smn:local:{project_id}:spare\"}"}`, "spare", "trigger_urn", false},
	{"POST", "/v1.0/{project_id}/cloud_triggers/batch_action", `{"action_type": "delete", "urn_list": ["{spare}"]}`, "", "", false},
	{"POST", "/v1.0/{project_id}/cloud_graphs", `{"graph_name": "task", "definition": "` + taskOfSurface + `"}`, "graph_urn", "graph_urn", false},
	{"POST", "/v1.0/{project_id}/cloud_graphs/{graph_urn}/executions/action", `{"action_type": "start", "executions": {"execution_name": "t", "input": "{}"}}`, "execution_urn", "execution_urn", false},
	{"POST", "/v1.0/{project_id}/cloud_graphs/{graph_urn}/executions/{execution_urn}/event_test", `{"trigger_urn": "{asking}", "input": "{}", "invocation_mode": "async"}`, "", "", false},
	{"POST", "/v1.0/{project_id}/worker_messages", `{"trigger_urn": "{answering}", "task_token": "{execution_urn}", "result": "{}"}`, "", "", false},
	{"POST", "/v1.0/{project_id}/cloud_cron", `{"graph_urn": "{graph_urn}", "cron_trigger_name": "daily", "expression": "30 8 ? * MON-FRI"}`, "cron_trigger_urn", "cron_trigger_urn", false},
	{"PUT", "/v1.0/{project_id}/cloud_cron/{cron_trigger_urn}", `{"simple_trigger": {"unit": "hour", "interval": 2}}`, "", "", false},
	{"PUT", "/v1.0/{project_id}/cloud_cron/{cron_trigger_urn}/action", `{"action_type": "start"}`, "", "", false},
	{"POST", "/v1.0/{project_id}/events", `{"specversion": "1.0", "id": "1", "source": "urn:smn:local:{project_id}:told", "type": "t", "data": {}}`, "", "", true},

	{"POST", "/v2/{project_id}/fgs/functions", `{"func_name": "walked", "package": "default", "runtime": "http", "handler": "-", "timeout": 30, "memory_size": 128, "code_type": "url", "code_url": "{url}", "user_data": "{\"X-Plain\": \"plain\"}", "encrypted_user_data": "{\"X-Secret\": \"{secret}\"}"}`, "function_urn", "func_urn", false},
	{"PUT", "/v2/{project_id}/fgs/functions/{function_urn}/config", `{"func_name": "walked", "runtime": "http", "handler": "-", "timeout": 31, "memory_size": 128, "encrypted_user_data": "{\"X-Secret\": \"{secret}\"}"}`, "", "", false},
	{"PUT", "/v2/{project_id}/fgs/functions/{function_urn}/code", `{"code_type": "url", "code_url": "{url}?v=2"}`, "", "", false},
	{"PUT", "/v2/{project_id}/fgs/functions/{function_urn}/config-max-instance", `{"max_instance_num": 5}`, "", "", false},
	{"POST", "/v2/{project_id}/fgs/functions/{function_urn}/versions", `{"version": "v1"}`, "", "", false},
	{"POST", "/v2/{project_id}/fgs/functions/{function_urn}/aliases", `{"name": "prod", "version": "v1"}`, "alias_name", "name", false},
	{"PUT", "/v2/{project_id}/fgs/functions/{function_urn}/aliases/{alias_name}", `{"version": "latest"}`, "", "", false},
	{"PUT", "/v2/{project_id}/fgs/functions/{function_urn}/async-invoke-config", `{"max_async_retry_attempts": 1, "max_async_event_age_in_seconds": 60}`, "", "", false},
	{"POST", "/v2/{project_id}/fgs/functions/{function_urn}/invocations", `{"n": 1}`, "", "", true},
	{"POST", "/v2/{project_id}/fgs/functions/{function_urn}/invocations-async", `{"n": 1}`, "", "", true},
	{"POST", "/callbacks/{token}", `"reported"`, "", "", true},
}

// walk is a walk over the surface.
type walk struct {
	*server
	kept map[string]string
}

func newWalk(s *server, known map[string]string) *walk {
	w := &walk{s, map[string]string{"project_id": project, "project": project, "topic": "told", "password": "a password of walker", "secret": "a secret of walked"}}
	for name, value := range known {
		w.kept[name] = value
	}
	return w
}

var placeholder = regexp.MustCompile(`\{([a-z_]+)\}`)

// filled puts what was kept into a text.
func (w *walk) filled(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(name string) string {
		if value, ok := w.kept[name[1:len(name)-1]]; ok {
			return value
		}
		return name
	})
}

// take makes the call of a step, with another body if that is not empty.
func (w *walk) take(t *testing.T, s step, body string) answer {
	t.Helper()
	if body == "" {
		body = w.filled(s.body)
	}
	header := http.Header{"Content-Type": {"application/json"}, "X-Fgs-Event-Type": {"worksuccess"}}
	if strings.Contains(s.path, "/events") {
		header.Set("Content-Type", "application/cloudevents+json")
	}
	a, err := w.request(s.method, w.filled(s.path), []byte(body), header)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if a.status/100 == 2 && s.keep != "" {
		json.Unmarshal(a.body, &fields)
		value, ok := fields[s.field].(string)
		if !ok {
			t.Fatalf("%s %s: there is no %s in %s", s.method, s.path, s.field, a.body)
		}
		w.kept[s.keep] = value
	}
	return a
}

// routes returns the documented calls by some methods.
func routes(t *testing.T, methods string) []step {
	t.Helper()
	var all []step
	for _, page := range []string{"api.md", "functions.md", "operating.md"} {
		text, err := os.ReadFile("../docs/" + page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("`("+methods+") (/[^` ?]+)`").FindAllStringSubmatch(string(text), -1) {
			if s := (step{method: m[1], path: m[2]}); !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

// reads returns what all calls answer that only read, by their paths.
func (w *walk) reads(t *testing.T) map[string]answer {
	t.Helper()
	all := map[string]answer{}
	for _, s := range routes(t, "GET") {
		path := w.filled(strings.ReplaceAll(s.path, "{trigger_identifier}", "{trigger_urn}"))
		if strings.Contains(path, "{") {
			t.Errorf("nothing is known for %s", path)
		}
		a, err := w.request(http.MethodGet, path, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		all[s.path] = a
	}
	if len(all) < 25 {
		t.Errorf("there are only %d calls that read", len(all))
	}
	return all
}

// TestTheSurfaceIsWhole has a step for every documented call that takes a body.
func TestTheSurfaceIsWhole(t *testing.T) {
	t.Parallel()
	for _, r := range routes(t, "POST|PUT|PATCH") {
		if r.path == "/invoke" || r.path == "/init" {
			continue // calls of a bootstrap
		}
		if !slices.ContainsFunc(surface, func(s step) bool { return s.method == r.method && s.path == r.path }) {
			t.Errorf("no step makes the call %s %s", r.method, r.path)
		}
	}
}
