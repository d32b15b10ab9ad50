package definition_test

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"heddle/internal/definition"
)

func parse(t *testing.T, text string) *definition.Definition {
	t.Helper()
	d, problems := definition.Parse(text)
	for _, p := range problems {
		line, column := definition.Line(text, p.Offset)
		t.Errorf("line %d, column %d: %s #%s %s", line, column, p.Code, p.Path, p.Message)
	}
	if d == nil {
		t.FailNow()
	}
	return d
}

func TestGoodDefinitions(t *testing.T) {
	t.Parallel()
	for name, documents := range readDocuments(t, "testdata/good/*.txt") {
		for _, doc := range documents {
			t.Run(name+"/"+doc.title, func(t *testing.T) {
				t.Parallel()
				text := doc.text(t)
				if d := parse(t, text); d.Text != text {
					t.Errorf("got the text %q", d.Text)
				}
			})
		}
	}
}

func TestLongestDefinition(t *testing.T) {
	t.Parallel()
	const shortest = `{"states":{"é":{"type":"END","start":true}}}`
	padding := definition.LengthMax - len([]rune(shortest))
	parse(t, shortest+strings.Repeat(" ", padding))
	_, problems := definition.Parse(shortest + strings.Repeat(" ", padding+1))
	if len(problems) != 1 || problems[0].Code != "FGS.1004" {
		t.Errorf("got %v, want FGS.1004", problems)
	}
}

// largest returns a definition with 100 states that all lead to each other, of
// nearly the greatest length.
func largest() string {
	const choices = 13
	state := func(i int) string {
		next := func(k int) string { return `"s` + strconv.Itoa((i*choices+k)%99) + `"` }
		var rules []string
		for k := range choices {
			rules = append(rules, `{"path":"$.a","value":1,"next-state":`+next(k)+`}`)
		}
		return `"s` + strconv.Itoa(i) + `":{"type":"SWITCH","choices":[` + strings.Join(rules, ",") + `]`
	}
	states := []string{state(0) + `,"start":true,"default":"end"}`}
	for i := 1; i < 99; i++ {
		states = append(states, state(i)+"}")
	}
	return `{"states":{` + strings.Join(states, ",") + `,"end":{"type":"END"}}}`
}

func TestLargestDefinition(t *testing.T) {
	t.Parallel()
	text := largest()
	if len(text) < definition.LengthMax*9/10 {
		t.Errorf("it has only %d characters", len(text))
	}
	parse(t, text)
}

const everything = `{
  "event-defs": {
    "told": {"source": "urn:fgs:local:p:trigger:SMN_topic_told_1", "payload-filter-request": "$.message"},
    "put": {"source": "urn:fgs:local:p:trigger:OBS_bucket_put_1", "payload-filter-response": "$.answer"}},
  "states": {
    "first": {"type": "NOOP", "start": true, "next-state": "pause", "payload-filter-in": "$.in"},
    "pause": {"type": "DELAY", "time-delay": 1e1, "next-state": "choose", "payload-filter-out": "$.out"},
    "choose": {"type": "SWITCH", "default": "call", "choices": [
      {"path": "$.n", "value": 7, "next-state": "call"},
      {"Not": {"path": "$.s", "value": "x"}, "next-state": "fan"}]},
    "call": {"type": "OPERATION", "next-state": "fan", "actions": [
      {"action-name": "one", "function": "urn:fss:local:p:function:default:one", "results": [{"match": "MatchAny"}]},
      {"action-name": "two", "function": "urn:fss:local:p:function:default:two", "timeout": 7, "payload-filter": "$.r", "results": [
        {"match": "States.Timeout", "max-retry": 0, "retry-interval": 0, "next-state": "first", "is-terminal": true}]}]},
    "fan": {"type": "OPERATION", "action-mode": "PARALLEL", "dynamic-extend": "$[*]", "next-state": "wait", "actions": [
      {"action-name": "one", "function": "urn:fss:local:p:function:default:one", "invocation-mode": "ASYNC"}]},
    "wait": {"type": "EVENT", "event-timeout": 60, "events": [
      {"event-expression": "told or told and put", "input-mode": "BOTH", "next-state": "end", "actions": [
        {"action-name": "three", "function": "urn:fss:local:p:function:default:three"}]}]},
    "end": {"type": "END", "status": "FAILURE"}}}`

func TestCheckedForm(t *testing.T) {
	t.Parallel()
	d := parse(t, everything)
	body := func(name string) definition.Body { return d.State(name).Body }
	equal := func(what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, want %#v", what, got, want)
		}
	}

	equal("start", d.Start().Name, "first")
	equal("an unknown state", d.State("nowhere"), (*definition.State)(nil))
	var types []definition.Type
	for i := range d.States {
		types = append(types, d.States[i].Type())
	}
	equal("types", types, []definition.Type{"NOOP", "DELAY", "SWITCH", "OPERATION", "OPERATION", "EVENT", "END"})
	equal("noop", body("first"), &definition.Noop{Next: "pause"})
	equal("filter in", d.State("first").FilterIn.String(), "$.in")
	equal("filter out, by default", d.State("first").FilterOut.IsRoot(), true)
	equal("filter out", d.State("pause").FilterOut.String(), "$.out")
	equal("delay", body("pause"), &definition.Delay{Seconds: 10, Next: "choose"})
	equal("end", body("end"), &definition.End{Failure: true})

	s := body("choose").(*definition.Switch)
	equal("default", s.Default, "call")
	equal("operator of a number", s.Choices[0].Rule.Operator, definition.OperatorEQ)
	equal("value", s.Choices[0].Rule.Value.Text(), "7")
	equal("path", s.Choices[0].Rule.Path.String(), "$.n")
	equal("operator of a string", s.Choices[1].Rule.Not.Operator, definition.OperatorStrEQ)
	equal("next of a choice", s.Choices[1].Next, "fan")

	call := body("call").(*definition.Operation)
	equal("mode, by default", call.Mode, definition.Sequential)
	equal("async, by default", call.Async(), false)
	equal("timeout, by default", call.Actions[0].Timeout, 30)
	equal("filter of an action, by default", call.Actions[0].Filter.IsRoot(), true)
	equal("result rule, by default", call.Actions[0].Results, []definition.ResultRule{
		{Match: "MatchAny", RetryMax: 3, RetryInterval: 1}})
	equal("timeout", call.Actions[1].Timeout, 7)
	equal("filter of an action", call.Actions[1].Filter.String(), "$.r")
	equal("result rule", call.Actions[1].Results, []definition.ResultRule{
		{Match: "States.Timeout", Next: "first", Terminal: true}})
	equal("no dynamic-extend", call.Extend == nil, true)

	fan := body("fan").(*definition.Operation)
	equal("mode", fan.Mode, definition.Parallel)
	equal("async", fan.Async(), true)
	equal("dynamic-extend", fan.Extend.String(), "$[*]")

	wait := body("wait").(*definition.Event)
	equal("event-timeout", wait.TimeoutSeconds, 60)
	equal("input mode", wait.Members[0].InputMode, definition.InputBoth)
	equal("expression", wait.Members[0].Expression, definition.EventExpression{Or: []definition.EventExpression{
		{Name: "told"},
		{And: []definition.EventExpression{{Name: "told"}, {Name: "put"}}}}})
	equal("names", wait.Members[0].Expression.Names(), []string{"told", "put"})

	equal("an event", d.Event("told").FilterRequest.String(), "$.message")
	equal("filter of an event, by default", d.Event("told").FilterResponse.IsRoot(), true)
	equal("an unknown event", d.Event("nothing"), (*definition.EventDef)(nil))
	equal("event of a trigger", d.EventOf("urn:fgs:local:p:trigger:OBS_bucket_put_1").Name, "put")
	equal("an unknown trigger", d.EventOf("urn:fgs:local:p:trigger:OBS_bucket_put_2"), (*definition.EventDef)(nil))
	equal("has events", d.HasEvents(), true)
	equal("a state that leads to one that waits", d.State("first").Awaits("put"), true)
	equal("a state that waits", d.State("wait").Awaits("told"), true)
	equal("what waits for another event", d.State("wait").Awaits("nothing"), false)
	equal("what comes after a state that waits", d.State("wait").AwaitsLater("told"), false)
	equal("a state that comes after", d.State("end").Awaits("told"), false)
	equal("triggers", d.Triggers(), []string{
		"urn:fgs:local:p:trigger:SMN_topic_told_1", "urn:fgs:local:p:trigger:OBS_bucket_put_1"})
	equal("functions", d.Functions(), []string{
		"urn:fss:local:p:function:default:one", "urn:fss:local:p:function:default:two",
		"urn:fss:local:p:function:default:three"})
}

func TestResultRuleMatches(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		match, failure string
		want           bool
	}{
		{definition.MatchAny, definition.FailureTimeout, true},
		{definition.FailureTimeout, definition.FailureTimeout, true},
		{definition.FailureTimeout, definition.FailureAction, false},
	} {
		if got := (definition.ResultRule{Match: tt.match}).Matches(tt.failure); got != tt.want {
			t.Errorf("%s matches %s: got %v", tt.match, tt.failure, got)
		}
	}
}

// TestManyProblems checks that a document full of faults is answered by a list
// of bounded length, whatever its names.
func TestManyProblems(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 20000)
	for name, text := range map[string]string{
		"null choices":     `{"states":{"a":{"type":"SWITCH","choices":[` + list(8000, "null") + `]}}}`,
		"under long names": `{"states":{"` + long + `":{"type":"SWITCH","choices":[` + list(8000, "null") + `]}}}`,
		"broken links":     `{"states":{` + list(800, `"s%d":{"type":"NOOP","next-state":"t%d","start":true}`) + `}}`,
		"unknown fields":   `{"states":{"a":{"type":"NOOP",` + list(4000, `"x%d":1`) + `}}}`,
		"unknown events":   `{"event-defs":{` + list(800, `"e%d":{"source":""}`) + `},"states":{"a":{"type":"EVENT","events":[` + list(800, `{"event-expression":"f%d"}`) + `]}}}`,
		"long expression":  `{"event-defs":{"e":{"source":""}},"states":{"a":{"type":"EVENT","events":[{"event-expression":"` + strings.ReplaceAll(list(7000, "%d"), ",", " or ") + `"}]}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := definition.Parse(text)
			if len(problems) == 0 || len(problems) > definition.ProblemsMax {
				t.Errorf("got %d problems", len(problems))
			}
			size := 0
			for _, p := range problems {
				size += len(p.Path) + len(p.Message)
			}
			if size > 1<<20 {
				t.Errorf("the problems have %d bytes", size)
			}
		})
	}
}

// list repeats a text n times, with its number for each %d in it.
func list(n int, text string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = strings.ReplaceAll(text, "%d", strconv.Itoa(i))
	}
	return strings.Join(items, ",")
}
