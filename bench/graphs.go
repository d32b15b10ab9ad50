package main

import (
	"fmt"
	"strings"
)

// project is the one under which everything is made.
const project = "bench"

// graph is a graph to be measured.
type graph struct {
	Name       string
	definition string
	calls      int // of functions, one after another
	records    int // of the history of an execution that has ended; 0: it waits
}

// pass is the graph of three steps that do nothing.
var pass = graph{
	Name: "pass",
	definition: `{"states":{` +
		`"first":{"type":"NOOP","start":true,"next-state":"second"},` +
		`"second":{"type":"NOOP","next-state":"third"},` +
		`"third":{"type":"NOOP","next-state":"end"},` +
		`"end":{"type":"END"}}}`,
	records: 10,
}

// wait is the graph that waits for a day.
var wait = graph{
	Name: "wait",
	definition: `{"states":{` +
		`"wait":{"type":"DELAY","start":true,"time-delay":86400,"next-state":"end"},` +
		`"end":{"type":"END"}}}`,
}

// oneCall and fiveCalls are the graphs whose only work are calls of functions.
var oneCall, fiveCalls = callGraph("one-call", 1), callGraph("five-calls", 5)

func callGraph(name string, calls int) graph {
	actions := make([]string, calls)
	for i := range actions {
		function := stepURN
		if i == calls-1 {
			function = lastURN
		}
		actions[i] = fmt.Sprintf(`{"action-name":"call-%d","function":%q}`, i+1, function)
	}
	return graph{
		Name: name,
		definition: `{"states":{` +
			`"work":{"type":"OPERATION","start":true,"actions":[` + strings.Join(actions, ",") + `],"next-state":"end"},` +
			`"end":{"type":"END"}}}`,
		calls:   calls,
		records: 6 + 2*calls,
	}
}
