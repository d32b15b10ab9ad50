package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/definition"
	"heddle/internal/engine"
)

const messages = "/v1.0/" + project + "/worker_messages"

// workers is a service with a graph that waits for a worker, whose execution
// stands in the state of that name.
type workers struct {
	*service
	asked, beat, done, failed string // URNs of triggers
	graph                     string // path
}

func newWorkers(t testing.TB, functions invoke) *workers {
	t.Helper()
	s := &workers{service: newService(t, functions)}
	for trigger, kind := range map[*string]string{&s.asked: "WorkRequest", &s.beat: "HeartBeat", &s.done: "WorkSuccess", &s.failed: "WorkFailure"} {
		*trigger = s.createTrigger("Worker", "w", `{"type":"`+kind+`"}`)
	}
	s.graph = s.createGraph("task", `{"event-defs":{"asked":{"source":"`+s.asked+`"},"beat":{"source":"`+s.beat+`"},
		"done":{"source":"`+s.done+`"},"failed":{"source":"`+s.failed+`"}},"states":{
		"offer":{"type":"EVENT","start":true,"events":[{"event-expression":"asked","next-state":"working",
			"actions":[{"action-name":"prepare","function":"urn:fss:`+region+`:`+project+`:function:default:prepare"}]}]},
		"working":{"type":"EVENT","event-timeout":60,"events":[
			{"event-expression":"beat","next-state":"working"},
			{"event-expression":"done","next-state":"end"},
			{"event-expression":"failed","next-state":"end"}]},
		"end":{"type":"END"}}}`)
	return s
}

// say sends a message of a worker.
func (s *workers) say(kind, trigger, more string) answer {
	s.t.Helper()
	return s.do("POST", messages, fmt.Sprintf(`{"trigger_urn":%q%s}`, trigger, more), "X-FGS-EVENT-TYPE: "+kind)
}

// token is the field of a message that says whose work it is about.
func token(execution string) string {
	return fmt.Sprintf(`,"task_token":%q`, strings.TrimPrefix(execution, graphs+"/executions/"))
}

// output returns the output of an execution that has ended.
func (s *workers) output(execution string) string {
	s.t.Helper()
	s.finish(execution)
	return s.do("GET", execution, "").object(s.t)["execution_info"].(map[string]any)["output"].(string)
}

func question(context.Context, engine.Call) engine.Result {
	return engine.Result{Output: `{"question":"whats one plus one?"}`}
}

func TestAWorkerTakesWorkAndReports(t *testing.T) {
	t.Parallel()
	s := newWorkers(t, question)
	x := s.start(s.graph, "x", `{"n":1}`)
	s.say("workrequest", s.asked, "").want(t, 200,
		`{"task_token":"`+strings.TrimPrefix(x, graphs+"/executions/")+`","work_item":"{\"question\":\"whats one plus one?\"}"}`)
	s.say("HeartBeat", s.beat, token(x)).want(t, 204, "")
	s.say("worksuccess", s.done, token(x)+`,"result":"{\"abc\":\"123\"}"`).want(t, 204, "")
	if got := s.output(x); got != `{"abc":"123"}` {
		t.Errorf("got output %s", got)
	}

	// What went wrong need not be JSON.
	for text, want := range map[string]string{`"{\"abc\":\"123\"}"`: `{"abc":"123"}`, `"out of \"ink\""`: `"out of \"ink\""`} {
		x := s.start(s.graph, "x", "{}")
		s.say("WORKREQUEST", s.asked, "").object(t)
		s.say("workfailure", s.failed, token(x)+`,"error":`+text).want(t, 204, "")
		if got := s.output(x); got != want {
			t.Errorf("error %s: got output %s, want %s", text, got, want)
		}
	}
}

func TestAWorkerWaitsForWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newWorkers(t, question)
		begun := time.Now()
		s.say("workrequest", s.asked, "").want(t, 204, "")
		if waited := time.Since(begun); waited != 20*time.Second {
			t.Errorf("a request was held for %s, want 20 s", waited)
		}
		s.do("POST", messages, `{"trigger_urn":"`+s.asked+`"}`, "X-FGS-EVENT-TYPE: workrequest", "X-Heddle-Wait-Seconds: 0").want(t, 204, "")
		answered := make(chan answer)
		go func() { answered <- s.say("workrequest", s.asked, "") }()
		time.Sleep(5 * time.Second)
		s.start(s.graph, "x", "{}")
		(<-answered).object(t)
		if waited := time.Since(begun); waited != 25*time.Second {
			t.Errorf("work was handed out after %s, want 25 s", waited)
		}
	})
}

// messageRefusals are messages of workers. In them, {x} is an execution that
// waits for a request, {asked} and so on are triggers.
var messageRefusals = []refusal{
	{"no type", "", `{"trigger_urn":"{asked}"}`, "", "", 400, "FGS.2021", "workrequest, heartbeat"},
	{"unknown type", "workdone", `{"trigger_urn":"{asked}"}`, "", "", 400, "FGS.2021", `"workdone"`},
	{"trigger of another type", "heartbeat", `{"trigger_urn":"{asked}","task_token":"{x}"}`, "", "", 400, "FGS.2021", "HeartBeat"},
	{"no body", "heartbeat", ``, "", "", 400, "FGS.5100", ""},
	{"null", "heartbeat", `null`, "", "", 400, "FGS.5100", ""},
	{"an array", "heartbeat", `[1]`, "", "", 400, "FGS.5100", "an array"},
	{"not JSON", "heartbeat", `{`, "", "", 400, "FGS.5005", "byte"},
	{"no trigger", "workrequest", `{"x":1}`, "", "", 400, "FGS.5006", "trigger_urn is missing"},
	{"trigger of another kind", "workrequest", `{"trigger_urn":1}`, "", "", 400, "FGS.5006", "a string"},
	{"malformed trigger", "workrequest", `{"trigger_urn":"x"}`, "", "", 400, "FGS.0010", "trigger_urn"},
	{"another project's trigger", "heartbeat", `{"trigger_urn":"` + strings.Replace(noTrigger, project, "p", 1) + `"}`, "", "", 400, "FGS.5004", "SMN"},
	{"a worker's trigger of another project", "heartbeat", `{"trigger_urn":"urn:fgs:` + region + `:p:trigger:Worker_HeartBeat_x_1"}`, "", "", 400, "FGS.0010", "another project"},
	{"no such trigger", "workrequest", `{"trigger_urn":"urn:fgs:` + region + `:` + project + `:trigger:Worker_WorkRequest_x_1"}`, "", "", 400, "FGS.5004", "no trigger"},
	{"no token", "heartbeat", `{"trigger_urn":"{beat}"}`, "", "", 400, "FGS.5006", "task_token is missing"},
	{"malformed token", "heartbeat", `{"trigger_urn":"{beat}","task_token":"x"}`, "", "", 400, "FGS.5003", "task_token"},
	{"another project's token", "heartbeat", `{"trigger_urn":"{beat}","task_token":"` + runOfOthers + `"}`, "", "", 400, "FGS.5003", "another"},
	{"no such execution", "heartbeat", `{"trigger_urn":"{beat}","task_token":"` + unknownRun + `"}`, "", "", 404, "FGS.2002", ""},
	{"no result", "worksuccess", `{"trigger_urn":"{done}","task_token":"{x}"}`, "", "", 400, "FGS.5006", "result is missing"},
	{"empty result", "worksuccess", `{"trigger_urn":"{done}","task_token":"{x}","result":""}`, "", "", 400, "FGS.5006", "1 to 32768"},
	{"long result", "worksuccess", `{"trigger_urn":"{done}","task_token":"{x}","result":"` + strings.Repeat("1", 32769) + `"}`, "", "", 400, "FGS.5006", "32769"},
	{"result that is not JSON", "worksuccess", `{"trigger_urn":"{done}","task_token":"{x}","result":"done"}`, "", "", 400, "FGS.5006", "JSON"},
	{"result that is no string", "worksuccess", `{"trigger_urn":"{done}","task_token":"{x}","result":{}}`, "", "", 400, "FGS.5006", "a string"},
	{"no error", "workfailure", `{"trigger_urn":"{failed}","task_token":"{x}"}`, "", "", 400, "FGS.5006", "error is missing"},
	{"too large", "heartbeat", `{"x":"` + strings.Repeat("x", 1<<20) + `"}`, "", "", 413, "FGS.4109", ""},
	{"trigger that the graph does not name", "heartbeat", `{"trigger_urn":"{other}","task_token":"{x}"}`, "", "", 400, "FGS.2009", ""},
	{"before its state", "heartbeat", `{"trigger_urn":"{beat}","task_token":"{x}"}`, "", "", 409, "FGS.2024", ""},
	{"after its state", "workrequest", ``, "", "", 409, "FGS.2023", ""},       // TestATokenHasItsTime
	{"a second one", "heartbeat", ``, "", "", 409, "FGS.2015", ""},            // TestATokenHasItsTime
	{"after its time", "heartbeat", ``, "", "", 409, "FGS.2040", ""},          // TestATokenHasItsTime
	{"malformed project", "heartbeat", ``, "", "", 400, "FGS.5002", "digits"}, // TestMessageRefusals
}

func TestMessageRefusals(t *testing.T) {
	t.Parallel()
	s := newWorkers(t, question)
	other := s.createTrigger("Worker", "other", `{"type":"HeartBeat"}`)
	x := strings.TrimPrefix(s.start(s.graph, "x", "{}"), graphs+"/executions/")
	fill := strings.NewReplacer("{asked}", s.asked, "{beat}", s.beat, "{done}", s.done, "{failed}", s.failed, "{other}", other, "{x}", x)
	for _, c := range messageRefusals[:len(messageRefusals)-4] {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := do(t, s.handler, "POST", messages, fill.Replace(c.target), "X-FGS-EVENT-TYPE: "+c.method)
			got.wantRefusal(t, c.status, c.code, c.part)
		})
	}
	do(t, s.handler, "POST", "/v1.0/a-b/worker_messages", "").wantRefusal(t, 400, "FGS.5002", "digits")
	s.do("POST", messages, `{"trigger_urn":"`+s.asked+`"}`, "X-FGS-EVENT-TYPE: workrequest", "X-Heddle-Wait-Seconds: 21").
		wantRefusal(t, 400, "FGS.0005", "0 to 20")
}

func TestATokenHasItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newWorkers(t, func(ctx context.Context, c engine.Call) engine.Result {
			time.Sleep(5 * time.Second)
			return engine.Result{Output: c.Input}
		})
		x := s.start(s.graph, "x", "{}")
		test := func(trigger string) answer {
			t.Helper()
			return s.do("POST", s.graph+strings.TrimPrefix(x, graphs)+"/event_test",
				`{"trigger_urn":"`+trigger+`","input":"{}","invocation_mode":"async"}`)
		}
		go s.say("workrequest", s.asked, "")
		time.Sleep(time.Second)
		test(s.asked).wantRefusal(t, 409, "FGS.2015", "")
		time.Sleep(5 * time.Second)
		test(s.asked).wantRefusal(t, 409, "FGS.2023", "")
		time.Sleep(time.Minute)
		s.say("heartbeat", s.beat, token(x)).wantRefusal(t, 409, "FGS.2040", "")
		s.say("workrequest", s.asked, "").want(t, 204, "")

		x = s.start(s.graph, "x", "{}")
		s.say("workrequest", s.asked, "").object(t)
		s.say("worksuccess", s.done, token(x)+`,"result":"1"`).want(t, 204, "")
		s.say("worksuccess", s.done, token(x)+`,"result":"1"`).wantRefusal(t, 409, "FGS.2022", "")
		test(s.beat).wantRefusal(t, 409, "FGS.2022", "")
	})
}

func TestEventTest(t *testing.T) {
	t.Parallel()
	s := newService(t, func(_ context.Context, c engine.Call) engine.Result {
		return engine.Result{Output: `{"in":"0123","workItem":"{\"workItem\":\"123456789\"}"}`}
	})
	trigger := s.createTrigger("SMN", "xxx", smnDef)
	graph := s.createGraph("g", `{"event-defs":{"event1":{"source":"`+trigger+`"}},"states":{
		"eventState":{"type":"EVENT","start":true,"events":[{"event-expression":"event1","next-state":"end",
			"actions":[{"action-name":"action1","function":"urn:fss:`+region+`:`+project+`:function:default:HelloWorld"}]}]},
		"end":{"type":"END"}}}`)
	body := `{
    "trigger_urn": "` + trigger + `",
    "input": "{\"in\":\"0123\"}",
    "invocation_mode": "sync"
}`
	x := s.start(graph, "x", "1")
	s.do("POST", graph+strings.TrimPrefix(x, graphs)+"/event_test", body).want(t, 200,
		`{"response":"{\"in\":\"0123\",\"workItem\":\"{\\\"workItem\\\":\\\"123456789\\\"}\"}"}`)
	s.do("POST", graph+strings.TrimPrefix(x, graphs)+"/event_test", body).wantRefusal(t, 409, "FGS.2022", "")

	x = s.start(graph, "x", "1")
	target := graph + strings.TrimPrefix(x, graphs) + "/event_test"
	s.createGraph("slow", slowGraph)
	for _, c := range []struct {
		target, body string
		status       int
		code, part   string
	}{
		{target, ``, 400, "FGS.0008", ""},
		{target, `{`, 400, "FGS.0009", ""},
		{target, `{"trigger_urn":"` + trigger + `","input":"1","invocation_mode":"sync","more":1}`, 400, "FGS.2017", `"more"`},
		{target, `{"input":"1","invocation_mode":"sync"}`, 400, "FGS.0005", "trigger_urn is missing"},
		{target, `{"trigger_urn":"` + x + `","input":"1","invocation_mode":"sync"}`, 400, "FGS.0010", "trigger_urn"},
		{target, `{"trigger_urn":"` + notOurs + `","input":"1","invocation_mode":"sync"}`, 400, "FGS.0010", "another project"},
		{target, `{"trigger_urn":"` + trigger + `","invocation_mode":"sync"}`, 400, "FGS.0005", "input is missing"},
		{target, `{"trigger_urn":"` + trigger + `","input":"","invocation_mode":"sync"}`, 400, "FGS.2008", "JSON"},
		{target, `{"trigger_urn":"` + trigger + `","input":"` + strings.Repeat("1", 32769) + `","invocation_mode":"sync"}`, 400, "FGS.0005", "32769"},
		{target, `{"trigger_urn":"` + trigger + `","input":"1"}`, 400, "FGS.0005", "invocation_mode is missing"},
		{target, `{"trigger_urn":"` + trigger + `","input":"1","invocation_mode":"SYNC"}`, 400, "FGS.0005", `"SYNC"`},
		{target, `{"trigger_urn":"` + noTrigger + `","input":"1","invocation_mode":"sync"}`, 400, "FGS.2009", ""},
		{strings.Replace(target, "graph:g/", "graph:slow/", 1), body, 400, "FGS.0010", `"slow"`},
		{graphs + "/" + graphURN + "g/executions/" + unknownRun + "/event_test", body, 404, "FGS.2002", ""},
		{graphs + "/" + graphURN + "x/executions/" + strings.Replace(unknownRun, ":g:", ":x:", 1) + "/event_test", body, 404, "FGS.1011", ""},
	} {
		s.do("POST", c.target, c.body).wantRefusal(t, c.status, c.code, c.part)
	}
	s.do("POST", target, strings.Replace(body, `"sync"`, `"async"`, 1)).want(t, 200, `{"response":"OK"}`)
	s.finish(x)
}

// eventFailures are what a state may fail of that has taken an event: its filter
// for the event's response, its only action, and what the function does.
var eventFailures = []struct {
	code     string
	status   int
	filter   string
	action   string
	function engine.Result
}{
	{"FGS.2010", 502, "$", "", engine.Result{Output: "<html>"}},
	{"FGS.2011", 502, "$", "", failed},
	{"FGS.2012", 502, "$", `,"invocation-mode":"ASYNC"`, failed},
	{"FGS.2013", 500, "$", `,"results":[{"match":"MatchAny","max-retry":1,"retry-interval":0}]`, failed},
	{"FGS.2014", 400, "$.x", "", engine.Result{Output: "{}"}},
	{"FGS.2018", 502, "$", `,"payload-filter":"$.x"`, engine.Result{Output: "1"}},
	{"FGS.9007", 400, "$..*..*..*", "", engine.Result{Output: strings.Repeat("[", 60) + strings.Repeat("[1,1,1],", 500) + "1" + strings.Repeat("]", 60)}},
}

var failed = engine.Result{Failure: &engine.Failure{Name: definition.FailureAction, Message: "no"}}

func TestATestIsToldWhatTheStateFailedOf(t *testing.T) {
	t.Parallel()
	for _, c := range eventFailures {
		s := newService(t, func(context.Context, engine.Call) engine.Result { return c.function })
		trigger := s.createTrigger("SMN", "xxx", smnDef)
		graph := s.createGraph("g", `{"event-defs":{"e":{"source":"`+trigger+`","payload-filter-response":"`+c.filter+`"}},"states":{
			"wait":{"type":"EVENT","start":true,"events":[{"event-expression":"e","next-state":"end","action-mode":"PARALLEL",
				"actions":[{"action-name":"a","function":"urn:fss:`+region+`:`+project+`:function:default:f"`+c.action+`}]}]},
			"end":{"type":"END"}}}`)
		x := s.start(graph, "x", "1")
		s.do("POST", graph+strings.TrimPrefix(x, graphs)+"/event_test", `{"trigger_urn":"`+trigger+`","input":"{}","invocation_mode":"sync"}`).
			wantRefusal(t, c.status, c.code, "States.")
	}
}
