package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// graph is a graph under load.
type graph struct {
	name       string
	definition string
	output     func(input string) string // of an execution that nobody stopped, without marks; nil if it is not looked at
	urn        string                    // once created
}

// graphs returns one graph for each way in which an execution moves: every load
// has all of them, so a new type of state belongs here. Inputs come from inputOf.
func graphs() []*graph {
	same := func(input string) string { return input }
	all := []*graph{
		{name: "pass", output: same, definition: states(
			`"a":{"type":"NOOP","start":true,"next-state":"b"}`,
			`"b":{"type":"NOOP","next-state":"c"}`,
			`"c":{"type":"NOOP","next-state":"end"}`)},
		{name: "sequence", output: func(in string) string { return echoed(echoed(echoed(in))) }, definition: states(
			operation("work", `"SEQUENTIAL"`, `"start":true,"next-state":"end"`, "echo", "echo", "echo"))},
		{name: "parallel", output: func(in string) string {
			return `{"a0":` + echoed(in) + `,"a1":` + echoed(in) + `,"a2":` + echoed(in) + `}`
		}, definition: states(
			operation("work", `"PARALLEL"`, `"start":true,"next-state":"end"`, "echo", "echo", "echo"))},
		{name: "retry", output: echoed, definition: states(
			`"work":{"type":"OPERATION","start":true,"actions":[{"action-name":"a0","function":"` + function("flaky") +
				`","results":[{"match":"States.ActionFailed","retry-interval":0},{"match":"States.TooManyRequests","retry-interval":1}]}],"next-state":"end"}`)},
		{name: "fallback", definition: states(
			`"work":{"type":"OPERATION","start":true,"actions":[{"action-name":"a0","function":"`+function("refuse")+
				`","results":[{"match":"States.ParameterError","max-retry":1,"retry-interval":0,"next-state":"wait"}]}],"next-state":"end"}`,
			`"wait":{"type":"DELAY","time-delay":1,"next-state":"end"}`)},
		{name: "extend", output: extended, definition: states(
			`"work":{"type":"OPERATION","start":true,"action-mode":"PARALLEL","dynamic-extend":"$.items","actions":[{"action-name":"a0","function":"` +
				function("echo") + `"}],"next-state":"end"}`)},
		{name: "async", output: same, definition: states(
			`"work":{"type":"OPERATION","start":true,"action-mode":"PARALLEL","actions":[{"action-name":"a0","invocation-mode":"ASYNC","function":"` +
				function("echo") + `"}],"next-state":"end"}`)},
		{name: "loop", output: func(string) string { return `{"n":5}` }, definition: states(
			operation("work", `"SEQUENTIAL"`, `"start":true,"next-state":"check"`, "count"),
			`"check":{"type":"SWITCH","choices":[{"path":"$.n","operator":"LT","value":5,"next-state":"work"}],"default":"end"}`)},
	}
	for seconds := 1; seconds <= 3; seconds++ {
		all = append(all, delayGraph(seconds))
	}
	return all
}

func delayGraph(seconds int) *graph {
	return &graph{
		name:   fmt.Sprintf("delay%d", seconds),
		output: func(input string) string { return input },
		definition: states(
			fmt.Sprintf(`"wait":{"type":"DELAY","start":true,"time-delay":%d,"next-state":"after"}`, seconds),
			`"after":{"type":"NOOP","next-state":"end"}`),
	}
}

// states returns a definition of the given states and an END.
func states(members ...string) string {
	return `{"states":{` + strings.Join(members, ",") + `,"end":{"type":"END"}}}`
}

// operation returns a state whose actions call the functions.
func operation(name, mode, more string, functions ...string) string {
	actions := make([]string, len(functions))
	for i, f := range functions {
		actions[i] = fmt.Sprintf(`{"action-name":"a%d","function":"%s"}`, i, function(f))
	}
	return fmt.Sprintf(`"%s":{"type":"OPERATION","action-mode":%s,"actions":[%s],%s}`, name, mode, strings.Join(actions, ","), more)
}

// quick reports whether the graph's executions wait for a second at most.
func (g *graph) quick() bool { return g.name != "delay2" && g.name != "delay3" }

// delayOf returns the seconds of a DELAY state of the graph, or 0.
func (g *graph) delayOf(t *testing.T, state string) int {
	t.Helper()
	var d struct {
		States map[string]struct {
			Seconds int `json:"time-delay"`
		} `json:"states"`
	}
	if err := json.Unmarshal([]byte(g.definition), &d); err != nil {
		t.Fatal(err)
	}
	return d.States[state].Seconds
}

// inputOf returns an input that no other execution has.
func inputOf(name string, items int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"id":%q,"n":0,"items":[`, name)
	for i := range items {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"of":%q,"item":%d}`, name, i)
	}
	b.WriteString(`]}`)
	return b.String()
}

// echoed is what the function echo answers, without its mark.
func echoed(input string) string { return `{"in":` + input + `}` }

func extended(input string) string {
	var in struct{ Items []json.RawMessage }
	if json.Unmarshal([]byte(input), &in) != nil {
		return "the input is no JSON"
	}
	outputs := make([]string, len(in.Items))
	for i, item := range in.Items {
		outputs[i] = echoed(string(item))
	}
	return `[` + strings.Join(outputs, ",") + `]`
}
