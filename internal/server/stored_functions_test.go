package server_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

const storedFunctions = "/v2/" + project + "/fgs/functions"

// createFunction stores the function f, which is somewhere else.
func (r *running) createFunction(url string) {
	r.t.Helper()
	r.call("POST", storedFunctions, fmt.Sprintf(
		`{"func_name":"f","package":"default","runtime":"http","handler":"-","timeout":3,"memory_size":128,"code_url":%q}`, url)).text(r.t, "func_urn")
}

// asking is a graph that calls a version or an alias of f.
func asking(qualifier, more string) string {
	return strings.Replace(calling, `function:default:f"`, `function:default:f`+qualifier+`"`+more, 1)
}

func TestGraphsCallStoredFunctions(t *testing.T) {
	t.Parallel()
	var async atomic.Int64
	functions := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Heddle-Execution") == "" { // not from an execution, but from the queue
			async.Add(1)
		}
		fmt.Fprintf(w, `{"path":%q}`, r.URL.Path)
	}))
	defer functions.Close()
	r := run(t, configFor(t.TempDir()))
	r.createFunction(functions.URL + "/one")
	f := storedFunctions + "/urn:fss:local:demo:function:default:f"
	r.call("POST", f+"/versions", `{"version":"v1"}`).text(t, "func_urn")
	r.call("POST", f+"/aliases", `{"name":"prod","version":"v1"}`).text(t, "alias_urn")
	r.call("PUT", f+"/code", `{"code_type":"url","code_url":"`+functions.URL+`/two"}`).text(t, "func_urn")

	for qualifier, want := range map[string]string{"": "/two", ":latest": "/two", ":v1": "/one", ":!prod": "/one"} {
		info := r.finish(r.start(r.createGraph("g"+fmt.Sprint(len(qualifier)), asking(qualifier, ""))))
		if info["execution_state"] != "SUCCESS" || info["output"] != `{"path":"`+want+`"}` {
			t.Errorf("%q: got %v, want the answer of %s", qualifier, info, want)
		}
	}

	parallel := strings.Replace(asking("", `,"invocation-mode":"ASYNC"`), `"actions":`, `"action-mode":"PARALLEL","actions":`, 1)
	info := r.finish(r.start(r.createGraph("async", parallel)))
	if info["execution_state"] != "SUCCESS" {
		t.Errorf("asynchronously: got %v", info)
	}
	for async.Load() == 0 { // it is carried out beside the execution
		r.call("GET", "/healthz", "")
	}

	r.call("PUT", f+"/config-max-instance", `{"max_instance_num":0}`).text(t, "func_urn")
	r.wantFailure("off", "", "States.TooManyRequests", "disabled")
	r.wantFailure("gone", ":v2", "States.NotFound", "no function")
	if err := r.end(); err != nil {
		t.Error(err)
	}
}

// wantFailure fails the test unless an execution that calls f fails for the reason.
func (r *running) wantFailure(graph, qualifier, name, words string) {
	r.t.Helper()
	info := r.finish(r.start(r.createGraph(graph, asking(qualifier, ""))))
	output, _ := info["output"].(string)
	var failed struct {
		Error struct{ Name, Message string }
	}
	if err := json.Unmarshal([]byte(output), &failed); err != nil || failed.Error.Name != name || !strings.Contains(failed.Error.Message, words) {
		r.t.Errorf("%s: got %v, want %s with %q", graph, info, name, words)
	}
}

// What a graph's function raises, on whatever runtime, reaches the history.
func TestAFailureReachesTheHistory(t *testing.T) {
	t.Parallel()
	functions := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		io.WriteString(w, "it broke here")
	}))
	defer functions.Close()
	r := run(t, configFor(t.TempDir()))
	r.createFunction(functions.URL)
	r.wantFailure("broken", "", "States.ActionFailed", "it broke here")
	if err := r.end(); err != nil {
		t.Error(err)
	}
}
