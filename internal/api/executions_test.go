package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"heddle/internal/engine"
)

func TestStart(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	graph := s.createGraph("g", passGraph)
	first, second := s.start(graph, "same", "1"), s.start(graph, "same", "1")
	if first == second {
		t.Errorf("two executions have the URN %s", first)
	}
	for _, input := range []string{
		`0`, `null`, `"text"`, `[]`, ` {"a" : 1.10, "b":12345678901234567890} `, `"` + strings.Repeat("实", 32766) + `"`,
		strings.Repeat("[", 64) + strings.Repeat("]", 64),
	} {
		execution := s.start(graph, "x", input)
		s.finish(execution)
		info := s.do("GET", execution, "").object(t)["execution_info"].(map[string]any)
		if info["input"] != input || info["output"] != input {
			t.Errorf("got input %v and output %v, want %s", info["input"], info["output"], input)
		}
	}
}

func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	graph := s.createGraph("g", passGraph)
	again := func(input, key string) answer {
		return s.do("POST", graph+"/executions/action", start(`"execution_name":"x","input":"`+input+`"`), "Idempotency-Key: "+key)
	}
	first := again("1", "k")
	first.object(t)
	again("1", "k").want(t, 200, first.body)
	again("2", "k").wantRefusal(t, 409, "FGS.9002", "new key")
	longest := strings.Repeat("~", 255)
	if other := again("1", longest); other.body == first.body {
		t.Errorf("another key gave the same execution: %s", other.body)
	}
	s.do("GET", graph+"/executions", "").wantField(t, "count", 2.0)
}

// The name of an execution may be any text, and so may its URN.
func TestURNsWithUnicode(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	graph := s.createGraph("g", slowGraph)
	for _, name := range []string{"实例1", "a+b", "..", "ü(1)", "😀"} {
		execution := s.start(graph, name, "1")
		urn := strings.TrimPrefix(execution, graphs+"/executions/")
		for _, segment := range []string{url.PathEscape(urn), strings.ReplaceAll(url.PathEscape(urn), ":", "%3A"), escapeAll(urn)} {
			info := s.do("GET", graphs+"/executions/"+segment, "").object(t)["execution_info"].(map[string]any)
			if info["execution_urn"] != urn || info["execution_name"] != name {
				t.Errorf("%s: got %v and %v, want %s", segment, info["execution_urn"], info["execution_name"], urn)
			}
		}
		s.do("GET", graph+"/executions?name="+url.QueryEscape(name), "").wantField(t, "count", 1.0)
		s.do("GET", graph+"/executions?execution_urn="+url.QueryEscape(urn), "").wantField(t, "count", 1.0)
		s.do("POST", graph+"/executions/action", stop(`"execution_urn":`+quoted(urn))).object(t)
	}
}

func escapeAll(text string) string {
	escaped := ""
	for _, b := range []byte(text) {
		escaped += fmt.Sprintf("%%%02x", b)
	}
	return escaped
}

func TestListExecutions(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	graph, other := s.createGraph("g", passGraph), s.createGraph("other", passGraph)
	newest := ""
	for _, name := range []string{"a1", "b1", "a2"} {
		newest = s.start(graph, name, "1")
		s.finish(newest)
	}
	newest = strings.TrimPrefix(newest, graphs+"/executions/")
	of := s.start(other, "o", "1")
	for _, c := range []struct {
		query string
		names string
		count int
	}{
		{"", "a2 b1 a1", 3},
		{"name=a", "a2 a1", 2},
		{"name=a&limit=1", "a2", 2},
		{"start=2&limit=1", "b1", 3},
		{"start=4", "", 3},
		{"order=asc", "a1 b1 a2", 3},
		{"execution_urn=", "a2 b1 a1", 3},
		{"execution_urn=" + newest, "a2", 1},
		{"execution_urn=" + strings.Replace(newest, ":a2:", ":b1:", 1), "", 0},
		{"execution_urn=x", "", 0},
		{"execution_urn=" + strings.TrimPrefix(of, graphs+"/executions/"), "", 0},
	} {
		got := s.do("GET", graph+"/executions?"+c.query, "")
		if listed := names(t, got, "executions", "execution_name"); listed != c.names {
			t.Errorf("%s: got %q, want %q", c.query, listed, c.names)
		}
		got.wantField(t, "count", float64(c.count))
	}
	running := s.start(s.createGraph("slow", slowGraph), "x", "1")
	item := s.do("GET", graphs+"/"+graphURN+"slow/executions", "").object(t)["executions"].([]any)[0].(map[string]any)
	if _, there := item["stopped_at"]; there || item["execution_status"] != "RUNNING" {
		t.Errorf("%s: got %v, want it RUNNING and without stopped_at", running, item)
	}
}

// A history shows each attempt of an action, and why one failed.
func TestHistoryOfRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, func(_ context.Context, c engine.Call) engine.Result {
			if c.Attempt == 1 {
				return engine.Result{Failure: &engine.Failure{Name: "States.TooManyRequests", Message: "status 429: <slow \xff down>"}}
			}
			return engine.Result{Output: `{"done":1.0}`}
		})
		execution := s.start(s.createGraph("g", ruling(`"match":"MatchAny","max-retry":1`)), "x", "1")
		s.finish(execution)
		var history struct {
			Records []map[string]any `json:"state_history"`
		}
		if err := json.Unmarshal([]byte(s.do("GET", execution+"/history?order=asc", "").body), &history); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range history.Records {
			delete(r, "started_at")
			delete(r, "stopped_at")
			line, _ := json.Marshal(r)
			got = append(got, string(line))
		}
		want := []string{
			`{"execution_name":"x","input":"1","type":"Execution Start"}`,
			`{"input":"1","state_name":"a","type":"State Start"}`,
			`{"action_name":"x","attempt":1,"branch":0,"input":"1","state_name":"a","type":"Action Start"}`,
			`{"action_name":"x","attempt":1,"branch":0,"output":"{\"error\":{\"name\":\"States.TooManyRequests\",\"code\":\"FGS.2011\",\"message\":\"status 429: \u003cslow ` + "\ufffd" + ` down\u003e\"}}","state_name":"a","status":"FAILED","type":"Action End"}`,
			`{"action_name":"x","attempt":2,"branch":0,"input":"1","state_name":"a","type":"Action Start"}`,
			`{"action_name":"x","attempt":2,"branch":0,"output":"{\"done\":1.0}","state_name":"a","status":"SUCCESS","type":"Action End"}`,
			`{"output":"{\"done\":1.0}","state_name":"a","status":"SUCCESS","type":"State End"}`,
			`{"input":"{\"done\":1.0}","state_name":"end","type":"State Start"}`,
			`{"output":"{\"done\":1.0}","state_name":"end","status":"SUCCESS","type":"State End"}`,
			`{"output":"{\"done\":1.0}","status":"SUCCESS","type":"Execution End"}`,
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestHistoryPages(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	ended := s.start(s.createGraph("g", passGraph), "x", "1") // six records
	s.finish(ended)
	running := s.start(s.createGraph("slow", slowGraph), "x", "1") // two records
	const (
		start1 = "Execution Start"
		start2 = "State Start"
		end1   = "State End"
		end2   = "Execution End"
	)
	forward := []string{start1, start2, end1, start2, end1, end2}
	backward := []string{end2, end1, start2, end1, start2, start1}
	for _, c := range []struct {
		execution string
		query     string
		types     []string
		next      string
	}{
		{ended, "", backward, ""},
		{ended, "limit=2", backward[:2], "5"},
		{ended, "start=5", backward[4:], ""},
		{ended, "start=2&limit=3", backward[1:4], "3"},
		{ended, "start=7", nil, ""},
		{ended, "marker=5&limit=2", backward[2:4], "3"},
		{ended, "marker=1", nil, ""},
		{ended, "marker=0", nil, ""},
		{ended, "marker=99&limit=1", backward[:1], "6"},
		{ended, "order=asc", forward, ""},
		{ended, "order=asc&limit=4", forward[:4], "4"},
		{ended, "order=asc&start=5", forward[4:], ""},
		{ended, "order=asc&start=7", nil, ""},
		{ended, "order=asc&marker=0&limit=1", forward[:1], "1"},
		{ended, "order=asc&marker=4&limit=2", forward[4:], ""},
		{ended, "order=asc&marker=6", nil, ""},
		{ended, "order=asc&marker=9223372036854775807", nil, ""},
		{running, "", []string{start2, start1}, ""},
		{running, "order=asc", []string{start1, start2}, "2"},
		{running, "order=asc&limit=1", []string{start1}, "1"},
		{running, "order=asc&marker=2", nil, "2"},
		{running, "order=asc&marker=9", nil, "2"},
	} {
		got := s.do("GET", c.execution+"/history?"+c.query, "")
		count := 6.0
		if c.execution == running {
			count = 2
		}
		got.wantField(t, "count", count)
		if types := names(t, got, "state_history", "type"); types != strings.Join(c.types, " ") {
			t.Errorf("%s: got %s, want %v", c.query, types, c.types)
		}
		if next, _ := got.object(t)["next_marker"].(string); next != c.next {
			t.Errorf("%s: got next_marker %q, want %q", c.query, next, c.next)
		}
	}
}

// A state that was entered more than once shows its latest visit; the states
// stand in the order of the definition.
func TestStateMap(t *testing.T) {
	t.Parallel()
	s := newService(t, func(_ context.Context, c engine.Call) engine.Result {
		if c.Input == "2" {
			return engine.Result{Failure: &engine.Failure{Name: "States.ActionFailed", Message: "no more"}}
		}
		return engine.Result{Output: "2"}
	})
	graph := s.createGraph("g", `{"states":{`+
		`"z":{"type":"OPERATION","start":true,"actions":[{"action-name":"x",`+function+`}],"next-state":"more"},`+
		`"more":{"type":"SWITCH","choices":[{"path":"$","value":2,"next-state":"z"}],"default":"end"},`+end+`}}`)
	execution := s.start(graph, "x", "1")
	s.finish(execution)
	got := s.do("GET", execution, "")
	info := got.object(t)["execution_info"].(map[string]any)
	if info["execution_state"] != "FAILED" || info["isTest"] != false {
		t.Errorf("got %v, want FAILED and no test", info)
	}
	var order []int
	for _, name := range []string{`"z":{`, `"more":{`, `"end":{`} {
		order = append(order, strings.Index(got.body, name))
	}
	if order[0] < 0 || order[0] > order[1] || order[1] > order[2] {
		t.Errorf("the states are not in the order of the definition: %s", got.body)
	}
	states := info["state_map"].(map[string]any)
	z := states["z"].(map[string]any)
	if z["status"] != "FAILED" || z["input"] != "2" || !strings.Contains(fmt.Sprint(z["output"]), "no more") {
		t.Errorf("got %v, want the second visit, which failed", z)
	}
	if last := states["end"].(map[string]any); last["status"] != "NOTRUNNING" || len(last) != 3 {
		t.Errorf("got %v, want it not running and no more", last)
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	graph := s.createGraph("g", slowGraph)
	execution := s.start(graph, "x", "1")
	urn := strings.TrimPrefix(execution, graphs+"/executions/")
	stopped := s.do("POST", graph+"/executions/action", stop(`"execution_urn":"`+urn+`"`)).text(t, "stopped_at")
	s.do("POST", graph+"/executions/action", stop(`"execution_urn":"`+urn+`"`)).wantRefusal(t, 409, "FGS.2022", "")
	info := s.do("GET", execution, "").object(t)["execution_info"].(map[string]any)
	state := info["state_map"].(map[string]any)["hello"].(map[string]any)
	if info["execution_state"] != "ABORTED" || info["stopped_at"] != stopped || state["status"] != "ABORTED" {
		t.Errorf("got %v, want it ABORTED at %s", info, stopped)
	}
	if types := names(t, s.do("GET", execution+"/history", ""), "state_history", "type"); types != "Execution End State End State Start Execution Start" {
		t.Errorf("got the history %s", types)
	}
}

func TestTestStart(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	graph := s.createGraph("g", passGraph)
	body := strings.Replace(start(`"execution_name":"x","input":"1"`), `"start"`, `"test_start"`, 1)
	urn := s.do("POST", graph+"/executions/action", body).text(t, "execution_urn")
	info := s.do("GET", graphs+"/executions/"+urn, "").object(t)["execution_info"].(map[string]any)
	if info["isTest"] != true {
		t.Errorf("got %v, want isTest", info)
	}
	s.do("GET", graph+"/executions", "").wantField(t, "count", 1.0)
}
