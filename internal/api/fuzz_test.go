package api_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"heddle/internal/api"
)

// FuzzRequests makes all calls with any body, query and segment of the path: each is
// answered, none by a fault of the service, and each refusal has a code of the table.
func FuzzRequests(f *testing.F) {
	ofKeys := func(call [3]string) bool { return strings.HasPrefix(call[1], "/heddle/secrets") } // the service here has none
	calls := append(slices.DeleteFunc(api.Routes(), ofKeys), [3]string{"POST", tokens}, [3]string{"DELETE", tokens}, [3]string{"POST", "/callbacks/{token}"})
	for _, body := range []string{
		"", "{}", "[]", "\x00", `{"a":1,"a":2}`, startBody, loginBody("ada", correct, project),
		`{"graph_name":"g","definition":"{\"states\":{\"a\":{\"type\":\"END\",\"start\":true}}}"}`,
		`{"info_type":"definition","info":"{}"}`, `{"action_type":"stop","executions":{"execution_urn":"x"}}`,
		`{"event_source":"SMN","name":"told","trigger_def":"{\"Topic\":\"urn:smn:local:p:told\"}"}`,
		`{"trigger_urn":"t","graph_urn":"g","enabled":true}`, `{"action_type":"delete","urn_list":["x"]}`,
		`{"graph_urn":"g","cron_trigger_name":"daily","expression":"30 8 ? * MON-FRI","simple_trigger":{"unit":"hour","interval":2}}`,
		`{"trigger_urn":"t","task_token":"x","result":"{}","error":"e","input":"{}","invocation_mode":"async"}`,
		`{"specversion":"1.0","id":"1","source":"urn:smn:local:p:told","type":"t","data":{}}`,
		`{"name":"walker","password":"correct horse","grants":[{"project":"*","role":"admin"}],"disabled":false,"role":"viewer","quota":7}`,
	} {
		for i, call := range calls {
			if body != "" && (call[0] == "GET" || call[0] == "DELETE") {
				continue
			}
			f.Add(uint8(i), "urn:fgs:"+region+":"+project+":graph:g", "limit=2&marker=0&start=1&order=asc", body)
		}
	}
	for _, query := range []string{"graph_name=%zz", "limit=-1", "order=up", "start=1&marker=2", "graph_name=%ff", "limit=1&limit=2"} {
		f.Add(uint8(1), "", query, "")
	}
	// One for all: a new one for each would take most of the time. Nobody is kept out,
	// whatever users are made.
	s := newService(f, nil)
	s.createGraph("g", passGraph)
	h := s.guarded(config, open{})
	segment := regexp.MustCompile(`\{\w+\}`)
	f.Fuzz(func(t *testing.T, call uint8, name, query, body string) {
		method, path := calls[int(call)%len(calls)][0], strings.Replace(calls[int(call)%len(calls)][1], "{project_id}", project, 1)
		r := httptest.NewRequest(method, "/", strings.NewReader(body))
		target, err := url.ParseRequestURI(segment.ReplaceAllLiteralString(path, url.PathEscape(name)))
		if err != nil {
			t.Fatal(err)
		}
		target.RawQuery = query
		r.URL = target
		for header, value := range map[string]string{
			"Content-Type": "application/cloudevents+json", "X-Fgs-Event-Type": "worksuccess", "X-Heddle-Callback-Status": "429",
			"Idempotency-Key": name, "X-Subject-Token": name, "X-Heddle-Wait-Seconds": "0",
		} {
			r.Header.Set(header, value)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		got := answer{w.Code, w.Header(), w.Body.String()}
		var refusal struct {
			Code  string `json:"error_code"`
			Error struct {
				Code string `json:"code"`
			} `json:"error"`
		}
		if got.status >= 500 || got.body != "" && !json.Valid([]byte(got.body)) {
			t.Errorf("%s %s: got %d %s", method, r.URL, got.status, got.body)
		}
		if got.status < 400 {
			return
		}
		err = json.Unmarshal([]byte(got.body), &refusal)
		if _, known := api.Codes()[refusal.Code+refusal.Error.Code]; err != nil || !known {
			t.Errorf("%s %s: got %d %s, want a code of the table, %v", method, r.URL, got.status, got.body, err)
		}
	})
}
