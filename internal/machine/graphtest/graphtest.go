// Package graphtest writes random graphs for the tests of what runs them. It
// knows the definition language, and nothing of how a graph is run.
package graphtest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	"heddle/internal/definition"
)

// object is a JSON object in the making. It is written with its keys sorted,
// so that one seed gives one text.
type object = map[string]any

// Generator writes random graphs, and the payloads and answers that go with
// them. The states stand in a row, each leading to the one behind it; choices
// and result rules also jump, backwards too, but not behind an EVENT, and only
// the limit on visits ends some of the loops.
type Generator struct {
	*rand.Rand
	states int
	from   int      // the first state to which the one that is written may jump
	source string   // of the graph's events: a cloud service, workers, or "" for a graph without any
	events []string // that its states wait for so far
}

// New returns a generator that writes what a seed says. Streams of one seed are
// independent.
func New(seed, stream uint64) *Generator {
	g := &Generator{Rand: rand.New(rand.NewPCG(seed, stream))}
	g.states = 2 + g.IntN(9)
	return g
}

// WithEvents has the generator write graphs with EVENT states too.
func (g *Generator) WithEvents() *Generator {
	g.source = pick(g, "", "", "SMN", "Worker")
	return g
}

// Definition returns the text of a graph.
func (g *Generator) Definition() string {
	states := object{"end": object{"type": "END", "status": pick(g, "SUCCESS", "SUCCESS", "FAILURE")}}
	for i := range g.states {
		state := g.stateAt(i)
		for _, filter := range []string{"payload-filter-in", "payload-filter-out"} {
			if g.Chance(0.1) {
				state[filter] = g.path()
			}
		}
		if i == 0 {
			state["start"] = true
		}
		states[stateName(i, g.states)] = state
	}
	if len(g.events) == 0 {
		return text(object{"states": states})
	}
	return text(object{"states": states, "event-defs": g.eventDefs()})
}

func (g *Generator) stateAt(i int) object {
	next := stateName(i+1, g.states)
	if g.source == "" || len(g.events)+eventsInState > eventsMax || !g.Chance(0.3) {
		return g.state(next)
	}
	g.from = i + 1
	return g.event(stateName(i, g.states), next)
}

// stateName returns the name of the i-th of n states; behind the last is the END.
func stateName(i, n int) string {
	if i == n {
		return "end"
	}
	return fmt.Sprintf("s%d", i)
}

func (g *Generator) anyState() string {
	return stateName(g.from+g.IntN(g.states+1-g.from), g.states)
}

func (g *Generator) state(next string) object {
	switch g.IntN(7) {
	case 0:
		return object{"type": "NOOP", "next-state": next}
	case 1:
		return object{"type": "DELAY", "time-delay": 1 + g.IntN(100), "next-state": next}
	case 2, 3:
		choices := make([]object, 1+g.IntN(3))
		for i := range choices {
			choices[i] = g.rule(2)
			choices[i]["next-state"] = g.anyState()
		}
		return object{"type": "SWITCH", "choices": choices, "default": next}
	}
	return g.operation(next)
}

func (g *Generator) rule(depth int) object {
	switch kind := g.IntN(6); {
	case depth == 0 || kind > 2:
		return g.comparison()
	case kind == 0:
		return object{"Not": g.rule(depth - 1)}
	case kind == 1:
		return object{"And": []object{g.rule(depth - 1), g.rule(depth - 1)}}
	}
	return object{"Or": []object{g.rule(depth - 1), g.rule(depth - 1)}}
}

func (g *Generator) comparison() object {
	if g.Chance(0.3) {
		return object{"path": "$.s", "operator": pick(g, "StrEQ", "StrLT", "StrGTEQ"), "value": g.word()}
	}
	return object{"path": "$.v", "operator": pick(g, "EQ", "LT", "LTEQ", "GT", "GTEQ"), "value": g.IntN(10)}
}

func (g *Generator) operation(next string) object {
	o := object{"type": "OPERATION", "next-state": next}
	actions := 1 + g.IntN(4)
	async := false
	switch g.IntN(4) {
	case 0:
		o["action-mode"] = "PARALLEL"
	case 1:
		o["action-mode"], async = "PARALLEL", true
	case 2:
		o["action-mode"], o["dynamic-extend"], actions = "PARALLEL", pick(g, "$.list", "$..v", "$.*"), 1
	}
	list := make([]object, actions)
	for i := range list {
		list[i] = g.action(i, async)
	}
	o["actions"] = list
	return o
}

func (g *Generator) action(i int, async bool) object {
	a := object{
		"action-name": fmt.Sprintf("a%d", i),
		"function":    fmt.Sprintf("urn:fss:local:p1:function:default:f%d", i),
	}
	if async {
		a["invocation-mode"] = "ASYNC"
		return a
	}
	if g.Chance(0.1) {
		a["payload-filter"] = g.path()
	}
	rules := make([]object, g.IntN(3))
	for i := range rules {
		rules[i] = object{
			"match":          pick(g, definition.MatchAny, definition.FailureAction, definition.FailureTimeout),
			"max-retry":      g.IntN(4),
			"retry-interval": g.IntN(6),
			"is-terminal":    g.Chance(0.1),
		}
		if g.Chance(0.7) {
			rules[i]["next-state"] = g.anyState()
		}
	}
	if len(rules) > 0 {
		a["results"] = rules
	}
	return a
}

// path returns a filter. Most of them select something from any payload, so
// that few executions end early for want of it.
func (g *Generator) path() string {
	return pick(g, "$", "$", "$[*]", "$..v", "$.v", "$.list", "$..[?@.v > 4]")
}

// Payload returns a JSON text in which paths and comparisons find something.
func (g *Generator) Payload() string {
	list := make([]any, g.IntN(6))
	for i := range list {
		list[i] = object{"v": g.IntN(10), "s": g.word()}
	}
	return text(object{"v": g.IntN(10), "s": g.word(), "list": list})
}

// Output returns what a function makes of an input: mostly a payload, at
// times with the input inside, and now and then something hard to digest.
func (g *Generator) Output(input string) string {
	switch n := g.IntN(100); {
	case n == 0:
		return "{"
	case n == 1:
		return strings.Repeat("[", 64) + strings.Repeat("]", 64)
	case n == 2:
		return strings.Repeat("[", 65) + strings.Repeat("]", 65)
	case n < 30 && len(input) < 300:
		return `{"v":` + fmt.Sprint(g.IntN(10)) + `,"list":[` + input + `]}`
	}
	return g.Payload()
}

func (g *Generator) word() string { return pick(g, "ash", "birch", "cedar", "織物") }

// Chance is true with a probability.
func (g *Generator) Chance(p float64) bool { return g.Float64() < p }

func pick(g *Generator, of ...string) string { return of[g.IntN(len(of))] }

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
