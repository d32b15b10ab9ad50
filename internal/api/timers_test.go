package api_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"heddle/internal/store"
)

const (
	timers    = "/v1.0/" + project + "/cloud_cron"
	timerURN  = "urn:fgs:" + region + ":" + project + ":cron:"
	everyHour = `"expression":"0 * * * ?"`
)

// newTimer is the body that creates a timer on the graph "g".
func newTimer(name, more string) string {
	return fmt.Sprintf(`{"graph_urn":"%sg","cron_trigger_name":%q,%s}`, graphURN, name, more)
}

// createTimer stores a timer of the graph "g" and returns its path.
func (s *service) createTimer(name, more string) string {
	s.t.Helper()
	return timers + "/" + s.do("POST", timers, newTimer(name, more)).text(s.t, "cron_trigger_urn")
}

func rate(unit, interval string) string {
	return fmt.Sprintf(`"simple_trigger":{"unit":%s,"interval":%s}`, unit, interval)
}

// A {word} in a target or body stands for what the test has made.
var timerRefusals = []refusal{
	{"no body", "POST", "/cloud_cron", "", "", 400, "FGS.0008", ""},
	{"not JSON", "POST", "/cloud_cron", "{", "", 400, "FGS.0009", "byte"},
	{"an array", "POST", "/cloud_cron", "[1]", "", 400, "FGS.0005", "array"},
	{"no graph", "POST", "/cloud_cron", `{"cron_trigger_name":"x",` + everyHour + `}`, "", 400, "FGS.0005", "graph_urn is missing"},
	{"malformed graph", "POST", "/cloud_cron", `{"graph_urn":"g","cron_trigger_name":"x",` + everyHour + `}`, "", 400, "FGS.0010", "graph_urn"},
	{"graph of another project", "POST", "/cloud_cron", `{"graph_urn":"` + someone + `","cron_trigger_name":"x",` + everyHour + `}`, "", 400, "FGS.0010", "another project"},
	{"no name", "POST", "/cloud_cron", `{"graph_urn":"` + graphURN + `g",` + everyHour + `}`, "", 400, "FGS.2025", "cron_trigger_name is missing"},
	{"empty name", "POST", "/cloud_cron", newTimer("", everyHour), "", 400, "FGS.2025", "empty"},
	{"name with a sign", "POST", "/cloud_cron", newTimer("a.b", everyHour), "", 400, "FGS.2025", `"a.b"`},
	{"name that begins wrongly", "POST", "/cloud_cron", newTimer("-a", everyHour), "", 400, "FGS.2025", "begin with"},
	{"name with a line end", "POST", "/cloud_cron", `{"graph_urn":"` + graphURN + `g","cron_trigger_name":"a\n",` + everyHour + `}`, "", 400, "FGS.2025", ""},
	{"name of 33", "POST", "/cloud_cron", newTimer(strings.Repeat("a", 33), everyHour), "", 400, "FGS.2025", "33 characters"},
	{"description of 257", "POST", "/cloud_cron", newTimer("x", `"description":"`+strings.Repeat("a", 257)+`",`+everyHour), "", 400, "FGS.2039", "257"},
	{"description with a sign", "POST", "/cloud_cron", newTimer("x", `"description":"a!",`+everyHour), "", 400, "FGS.2039", "blanks"},
	{"description of another type", "POST", "/cloud_cron", newTimer("x", `"description":1,`+everyHour), "", 400, "FGS.2039", "a string"},
	{"no schedule", "POST", "/cloud_cron", newTimer("x", `"description":""`), "", 400, "FGS.0005", "one of them"},
	{"no schedule but null", "POST", "/cloud_cron", newTimer("x", `"expression":null,"simple_trigger":null`), "", 400, "FGS.0005", "missing"},
	{"two schedules", "POST", "/cloud_cron", newTimer("x", everyHour+`,`+rate(`"hour"`, "1")), "", 400, "FGS.0005", "exclude"},
	{"no expression", "POST", "/cloud_cron", newTimer("x", `"expression":"* * * * *"`), "", 400, "FGS.2026", "exactly one"},
	{"empty expression", "POST", "/cloud_cron", newTimer("x", `"expression":""`), "", 400, "FGS.2026", "0 fields"},
	{"expression of another type", "POST", "/cloud_cron", newTimer("x", `"expression":5`), "", 400, "FGS.2026", "a string"},
	{"rate of another type", "POST", "/cloud_cron", newTimer("x", `"simple_trigger":"1 hour"`), "", 400, "FGS.0005", "an object"},
	{"no unit", "POST", "/cloud_cron", newTimer("x", `"simple_trigger":{"interval":1}`), "", 400, "FGS.2035", "unit is missing in simple_trigger"},
	{"unknown unit", "POST", "/cloud_cron", newTimer("x", rate(`"second"`, "1")), "", 400, "FGS.2035", `"second"`},
	{"unit in the plural", "POST", "/cloud_cron", newTimer("x", rate(`"minutes"`, "1")), "", 400, "FGS.2035", `"minutes"`},
	{"unit in capitals", "POST", "/cloud_cron", newTimer("x", rate(`"Minute"`, "1")), "", 400, "FGS.2035", `"Minute"`},
	{"no interval", "POST", "/cloud_cron", newTimer("x", `"simple_trigger":{"unit":"hour"}`), "", 400, "FGS.2038", "interval is missing"},
	{"interval 0", "POST", "/cloud_cron", newTimer("x", rate(`"minute"`, "0")), "", 400, "FGS.2038", "1 to 60"},
	{"interval -1", "POST", "/cloud_cron", newTimer("x", rate(`"minute"`, "-1")), "", 400, "FGS.2038", ""},
	{"interval 61", "POST", "/cloud_cron", newTimer("x", rate(`"minute"`, "61")), "", 400, "FGS.2038", "61"},
	{"interval 25", "POST", "/cloud_cron", newTimer("x", rate(`"hour"`, "25")), "", 400, "FGS.2038", "1 to 24"},
	{"interval 31", "POST", "/cloud_cron", newTimer("x", rate(`"day"`, "31")), "", 400, "FGS.2038", "1 to 30"},
	{"interval 1.5", "POST", "/cloud_cron", newTimer("x", rate(`"hour"`, "1.5")), "", 400, "FGS.2038", "whole"},
	{"interval 1e30", "POST", "/cloud_cron", newTimer("x", rate(`"hour"`, "1e30")), "", 400, "FGS.2038", ""},
	{"interval of another type", "POST", "/cloud_cron", newTimer("x", rate(`"hour"`, `"1"`)), "", 400, "FGS.2038", "a number"},
	{"unknown zone", "POST", "/cloud_cron", newTimer("x", `"time_zone":"Berlin",`+everyHour), "", 400, "FGS.0005", "time_zone"},
	{"zone of the machine", "POST", "/cloud_cron", newTimer("x", `"time_zone":"Local",`+everyHour), "", 400, "FGS.0005", `"Local"`},
	{"zone of a rate", "POST", "/cloud_cron", newTimer("x", `"time_zone":"UTC",`+rate(`"hour"`, "1")), "", 400, "FGS.0005", "simple_trigger"},
	{"unknown misfire", "POST", "/cloud_cron", newTimer("x", everyHour), "X-Heddle-Misfire: twice", 400, "FGS.0005", "skip, once and all"},
	{"on no graph", "POST", "/cloud_cron", strings.Replace(newTimer("x", everyHour), ":g\"", ":none\"", 1), "", 404, "FGS.1011", `"none"`},
	{"name that is taken", "POST", "/cloud_cron", newTimer("stopped", everyHour), "", 409, "FGS.2028", `"stopped"`},
	{"a sixth", "POST", "/cloud_cron", newTimer("sixth", everyHour), "", 403, "FGS.2032", "5"},

	{"listing those of no graph", "GET", "/cloud_cron/" + graphURN + "none", "", "", 404, "FGS.1011", ""},
	{"listing those of a timer", "GET", "/cloud_cron/" + timerURN + "g:stopped", "", "", 400, "FGS.0010", ""},

	{"updating no timer", "PUT", "/cloud_cron/" + timerURN + "g:none", `{` + everyHour + `}`, "", 404, "FGS.2027", `"none"`},
	{"updating a graph", "PUT", "/cloud_cron/" + graphURN + "g", `{` + everyHour + `}`, "", 400, "FGS.0010", ":cron:"},
	{"updating another region's", "PUT", "/cloud_cron/" + strings.Replace(timerURN, region, "southchina", 1) + "g:stopped", `{` + everyHour + `}`, "", 400, "FGS.0010", "southchina"},
	{"updating nothing", "PUT", "/cloud_cron/" + timerURN + "g:stopped", `{}`, "", 400, "FGS.0008", ""},
	{"updating the description alone", "PUT", "/cloud_cron/" + timerURN + "g:stopped", `{"description":"x"}`, "", 400, "FGS.0005", "one of them"},
	{"updating to no expression", "PUT", "/cloud_cron/" + timerURN + "g:none", `{"expression":"x"}`, "", 400, "FGS.2026", ""},
	{"updating to a bad rate", "PUT", "/cloud_cron/" + timerURN + "g:stopped", `{` + rate(`"week"`, "1") + `}`, "", 400, "FGS.2035", ""},
	{"updating to a bad interval", "PUT", "/cloud_cron/" + timerURN + "g:stopped", `{` + rate(`"day"`, "0") + `}`, "", 400, "FGS.2038", ""},
	{"updating to a bad description", "PUT", "/cloud_cron/" + timerURN + "g:stopped", `{"description":"#",` + everyHour + `}`, "", 400, "FGS.2039", ""},
	{"updating what is started", "PUT", "/cloud_cron/" + timerURN + "g:started", `{` + everyHour + `}`, "", 409, "FGS.2029", "stop it first"},

	{"unknown action", "PUT", "/cloud_cron/" + timerURN + "g:stopped/action", `{"action_type":"run"}`, "", 400, "FGS.0005", "start or stop"},
	{"no action", "PUT", "/cloud_cron/" + timerURN + "g:stopped/action", `{"action":"start"}`, "", 400, "FGS.0005", "action_type is missing"},
	{"starting no timer", "PUT", "/cloud_cron/" + timerURN + "g:none/action", `{"action_type":"start"}`, "", 404, "FGS.2027", ""},
	{"stopping no timer", "PUT", "/cloud_cron/" + timerURN + "g:none/action", `{"action_type":"stop"}`, "", 404, "FGS.2027", ""},
	{"starting what is started", "PUT", "/cloud_cron/" + timerURN + "g:started/action", `{"action_type":"start"}`, "", 409, "FGS.2029", ""},
	{"stopping what is stopped", "PUT", "/cloud_cron/" + timerURN + "g:stopped/action", `{"action_type":"stop"}`, "", 409, "FGS.2030", ""},
	{"starting what is over", "PUT", "/cloud_cron/" + timerURN + "g:over/action", `{"action_type":"start"}`, "", 409, "FGS.2031", "2099"},
	{"action by POST", "POST", "/cloud_cron/" + timerURN + "g:stopped/action", `{"action_type":"start"}`, "", 405, "FGS.0012", "PUT"},

	{"deleting no timer", "DELETE", "/cloud_cron/" + timerURN + "g:none", "", "", 404, "FGS.2027", ""},
	{"deleting those of a graph", "DELETE", "/cloud_cron/" + graphURN + "g", "", "", 400, "FGS.0010", ""},
}

func TestTimerRefusals(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.createGraph("g", passGraph)
	s.createTimer("stopped", everyHour)
	s.do("PUT", s.createTimer("started", everyHour)+"/action", `{"action_type":"start"}`).text(t, "started_at")
	s.createTimer("over", `"expression":"0 0 31 4 ?"`)
	s.createTimer("fourth", everyHour)
	s.createTimer("fifth", everyHour)
	for _, c := range timerRefusals {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var header []string
			if c.header != "" {
				header = []string{c.header}
			}
			do(t, s.handler, c.method, "/v1.0/"+project+c.target, c.body, header...).wantRefusal(t, c.status, c.code, c.part)
		})
	}
}

// The requests of the documents get answers of the documented shape.
func TestTimerSamples(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.createGraph("devops-test-graph", passGraph)
	const createdShape = `{
    "cron_trigger_urn": "urn:fgs:cn-north-1:7aad83af3e8d42e99ac194e8419e2c9b:cron:devops-test-graph:name0101",
    "created_at": "2017-12-22T09:38:28.896Z"
}`
	sample := func(text string) string { return strings.ReplaceAll(text, "7aad83af3e8d42e99ac194e8419e2c9b", project) }
	s.do("POST", timers, sample(`{
    "graph_urn": "urn:fgs:cn-north-1:7aad83af3e8d42e99ac194e8419e2c9b:graph:devops-test-graph",
    "cron_trigger_name": "name2",
    "description": "test2",
    "simple_trigger": {
        "interval": 1,
        "unit": "hour"
    }
}`)).wantShape(t, createdShape)
	created := s.do("POST", timers, sample(`{
    "graph_urn": "urn:fgs:cn-north-1:7aad83af3e8d42e99ac194e8419e2c9b:graph:devops-test-graph",
    "cron_trigger_name": "name1",
    "description": "test1",
    "expression": "0/1 * * * ?"
}`))
	created.wantShape(t, createdShape)
	s.do("GET", timers+"/"+graphURN+"devops-test-graph", "").wantShape(t, `{
    "count": 2,
    "cron_triggers": [
        {
            "cron_trigger_urn": "urn:fgs:cn-north-1:9800716a0c604a8690963103a85754f0:cron:workflow-865a:Timer_72a1",
            "simple_trigger": {
                "unit": "hour",
                "interval": 1
            },
            "created_at": "2018-01-22T07:42:47.620Z",
            "cron_status": "NOTRUNNING",
            "description": "",
            "misfire": "once"
        },
        {
            "cron_trigger_urn": "urn:fgs:cn-north-1:9800716a0c604a8690963103a85754f0:cron:workflow-865a:Timer_3229",
            "cron_expression": "*/1 * * * ?",
            "created_at": "2018-01-22T07:43:01.420Z",
            "cron_status": "NOTRUNNING",
            "description": "",
            "time_zone": "UTC",
            "misfire": "once"
        }
    ]
}`)
	timer := timers + "/" + created.text(t, "cron_trigger_urn")
	for _, body := range []string{`{
    "description": "test",
    "expression": "0/1 * * * ?"
}`, `{
    "description": "test2",
    "simple_trigger": {
        "interval": 1,
        "unit": "hour"
    }
}`} {
		s.do("PUT", timer, body).wantShape(t, `{
    "cron_trigger_urn": "urn:fgs:cn-north-1:7aad83af3e8d42e99ac194e8419e2c9b:cron:devops-test-graph:name0101",
    "last_modified": "2017-12-22T09:38:28.896Z"
}`)
	}
	s.do("PUT", timer+"/action", `{
    "action_type": "start"
}`).wantShape(t, `{
    "started_at": "2017-12-22T09:38:28.896Z"
}`)
	s.do("PUT", timer+"/action", `{"action_type":"stop"}`).wantShape(t, `{
    "stopped_at": "2017-12-22T09:38:28.896Z"
}`)
	s.do("DELETE", timer, "").want(t, 204, "")
}

// items returns the timers of the graph "g" as they are listed.
func (s *service) timers() []any {
	s.t.Helper()
	list := s.do("GET", timers+"/"+graphURN+"g", "").object(s.t)
	items := list["cron_triggers"].([]any)
	if list["count"] != float64(len(items)) {
		s.t.Errorf("count is %v of %d", list["count"], len(items))
	}
	return items
}

// An update says the schedule; what else it does not say stays.
func TestUpdateTimer(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.createGraph("g", passGraph)
	s.do("GET", timers+"/"+graphURN+"g", "").want(t, 200, `{"count":0,"cron_triggers":[]}`)
	timer := s.do("POST", timers, newTimer("t", `"description":"d","time_zone":"Europe/Berlin",`+everyHour), "X-Heddle-Misfire: all").text(t, "cron_trigger_urn")
	shown := func(want string) {
		t.Helper()
		item := s.timers()[0].(map[string]any)
		delete(item, "created_at")
		delete(item, "cron_trigger_urn")
		if got := fmt.Sprint(item); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	shown("map[cron_expression:0 * * * ? cron_status:NOTRUNNING description:d misfire:all time_zone:Europe/Berlin]")
	s.do("PUT", timers+"/"+timer, `{`+rate(`"day"`, "30")+`}`).object(t)
	shown("map[cron_status:NOTRUNNING description:d misfire:all simple_trigger:map[interval:30 unit:day]]")
	s.do("PUT", timers+"/"+timer, `{"description":"","expression":" 1 * * * ?","simple_trigger":null}`, "X-Heddle-Misfire: skip").object(t)
	shown("map[cron_expression: 1 * * * ? cron_status:NOTRUNNING description: misfire:skip time_zone:Europe/Berlin]")
	s.do("PUT", timers+"/"+timer, `{"time_zone":"Asia/Tokyo","unknown":1,`+everyHour+`}`).object(t)
	shown("map[cron_expression:0 * * * ? cron_status:NOTRUNNING description: misfire:skip time_zone:Asia/Tokyo]")
}

// A timer shows when it fires next while it is started; it goes with its graph, in
// either state.
func TestATimersLife(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	graph := s.createGraph("g", passGraph)
	first := s.createTimer("first", everyHour)
	second := s.createTimer("second", `"expression":"0 0 1 1 ? 2098"`)
	s.do("PUT", second+"/action", `{"action_type":"start"}`).object(t)
	if got := names(t, s.do("GET", timers+"/"+graphURN+"g", ""), "cron_triggers", "cron_status"); got != "NOTRUNNING RUNNING" {
		t.Errorf("the statuses are %s", got)
	}
	if next := s.timers()[1].(map[string]any)["next_fire_at"]; next != "2098-01-01T00:00:00.000Z" {
		t.Errorf("it fires next at %v", next)
	}
	s.do("DELETE", second, "").want(t, 204, "")
	s.do("DELETE", second, "").wantRefusal(t, 404, "FGS.2027", "second")
	s.createTimer("second", everyHour) // the name is free
	s.do("PUT", first+"/action", `{"action_type":"start"}`).object(t)
	s.do("DELETE", graph, "").want(t, 204, "")
	s.do("GET", timers+"/"+graphURN+"g", "").wantRefusal(t, 404, "FGS.1011", "")
	s.do("DELETE", first, "").wantRefusal(t, 404, "FGS.2027", "")
	s.createGraph("g", passGraph)
	if items := s.timers(); len(items) != 0 {
		t.Errorf("the new graph has the timers %v", items)
	}
}

// What nobody foresaw has the code of the timers, and its text stays in the log.
func TestAFaultOfTheTimers(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.createGraph("g", passGraph)
	s.store.Faults.Before = func(method string) error {
		switch method {
		case "CreateTimer":
			return errors.New("a secret")
		case "TimersOf":
			return store.ErrUnavailable
		}
		return nil
	}
	got := s.do("POST", timers, newTimer("t", everyHour))
	got.wantRefusal(t, 500, "FGS.2033", "X-Request-Id")
	if strings.Contains(got.body, "secret") {
		t.Errorf("the answer tells the text of an unexpected error: %s", got.body)
	}
	s.do("GET", timers+"/"+graphURN+"g", "").wantRefusal(t, 503, "FGS.9004", "")
}
