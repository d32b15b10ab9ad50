// Package simulation_test drives the real machine and the real turn of the
// engine in one goroutine, from one seed: virtual time, a model store, model
// functions, clients, and faults at every commit. One seed gives one run, always.
//
// What decides is the product's (engine.Execution and below); the simulation
// only moves what the engine's goroutines and channels move: messages, drafts,
// outcomes, calls and answers. Its invariants stand in invariants_test.go and in
// docs/invariants.md. Planted mutants show that they bite.
package simulation_test

import (
	"container/heap"
	"fmt"
	"hash"
	"hash/fnv"
	"io"
	"math/rand/v2"

	"heddle/internal/definition"
	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/machine/graphtest"
	"heddle/internal/store"
	"heddle/internal/store/memory"
)

// The times of a run, in milliseconds.
const (
	beginning = journal.Millis(1_700_000_000_000)
	workload  = 60_000              // clients begin within it
	healing   = 120_000             // there are no new faults from then on
	patience  = 12 * 60 * 60_000    // by then everything must have ended
	calm      = healing + 10*60_000 // by then nothing of the faults may be left
)

// stepsMax is many times what a run takes.
const stepsMax = 100_000

// plan says what a run is. Equal plans give equal runs.
type plan struct {
	seed       uint64
	executions int
	only       map[int]bool // the faults that happen, by number; nil: all that are drawn
	forced     map[int]fate // what becomes of the commits with these numbers; nil: as drawn
	kind       storeKind
	mutant     mutant
	log        io.Writer // gets what happens; nil for nobody
}

// storeKind says what a store does after a commit whose outcome is unknown.
type storeKind int

const (
	anyStore storeKind = iota // one of those below, as drawn
	stops                     // it takes no more calls until it is opened again
	goesOn                    // once it can tell what has become of it
)

// report is what a run has come to.
type report struct {
	failure string // the first invariant that was broken; "" if none was
	faults  int    // how many were drawn
	commits int
	hash    uint64 // of all that happened
}

type simulation struct {
	plan
	chance   *rand.Rand
	swarm    [faults]float64 // how likely each fault is
	happened [faults]int     // how often each did
	now      journal.Millis
	queue    agenda
	report   report
	trace    hash.Hash64

	store   *memory.Store
	late    []pending // a group that has not come to the store yet, and keeps it from going on
	graphs  map[store.GraphID]*engine.Graph
	names   []string // of the graphs
	node    *node    // the one that clients know; nil while none is up
	ids     uint64   // of executions, given out so far
	ghost   *ghost   // what the invariants remember
	clients []*client
	timers  []*timer
	calls   *functions
	world   *world
}

// run carries a plan out.
func run(p plan) report { return simulate(p).report }

func simulate(p plan) *simulation {
	s := &simulation{
		plan: p, chance: rand.New(rand.NewPCG(p.seed, 1)), now: beginning, trace: fnv.New64a(),
		store: memory.New(1), graphs: map[store.GraphID]*engine.Graph{},
	}
	s.ghost, s.calls, s.world = newGhost(s), newFunctions(s), newWorld(s)
	if p.forced == nil {
		for f := range s.swarm {
			s.swarm[f] = []float64{0, 0.01, 0.05, 0.2}[s.chance.IntN(4)]
		}
	}
	if s.kind == anyStore {
		s.kind = []storeKind{stops, goesOn}[s.chance.IntN(2)]
	}
	s.createGraphs()
	s.createTimers()
	s.boot()
	for i := range p.executions {
		c := newClient(s, i)
		s.clients = append(s.clients, c)
		s.later(s.between(0, workload), c.start)
	}
	s.later(s.between(0, workload), s.world.turn)
	s.later(s.between(0, healing), s.nemesis)
	s.later(healing, s.heal)
	steps := 0
	for s.report.failure == "" && s.queue.Len() > 0 && s.now < beginning+patience && !s.over() {
		next := heap.Pop(&s.queue).(*happening)
		s.now = next.at
		next.do()
		if steps++; steps > stepsMax {
			s.broken("time goes on: %d things have happened", steps)
		}
	}
	if s.report.failure == "" {
		s.ghost.atTheEnd()
	}
	s.report.hash = s.trace.Sum64()
	return s
}

// retrying retries beside other calls, which random graphs seldom do.
const retrying = `{"states": {"s": {"type": "OPERATION", "start": true, "action-mode": "PARALLEL", "next-state": "end", "actions": [
	{"action-name": "a", "function": "urn:fss:local:p1:function:default:f", "results": [{"match": "MatchAny", "max-retry": 3, "retry-interval": 2}]},
	{"action-name": "b", "function": "urn:fss:local:p1:function:default:f", "results": [{"match": "MatchAny", "max-retry": 3, "retry-interval": 5}]},
	{"action-name": "c", "function": "urn:fss:local:p1:function:default:f"}]}, "end": {"type": "END"}}}`

// createGraphs stores the graphs of the run, random ones with one exception.
func (s *simulation) createGraphs() {
	limits := machine.Limits{Visits: 25, Elements: 20, ElementsAtOnce: 3, ResultBytes: 4096}
	for i := range 2 + s.chance.IntN(3) {
		text := retrying
		if i > 0 {
			text = graphtest.New(s.seed, uint64(i)).WithEvents().Definition()
		}
		s.createGraph(fmt.Sprintf("g%d", i), text, limits)
		s.names = append(s.names, fmt.Sprintf("g%d", i))
	}
	s.world.mapped = s.world.trigger("urn:fgs:local:p1:trigger:SMN_mapped_1")
	s.createGraph("mapped", mapped[s.seed%2], limits)
}

// mapped is what the events of a trigger start: what waits, and what has work in
// hand from its beginning and so is held in memory before it is known to be stored.
var mapped = [2]string{
	`{"states": {"s": {"type": "DELAY", "start": true, "time-delay": 1, "next-state": "end"}, "end": {"type": "END"}}}`,
	`{"states": {"s": {"type": "OPERATION", "start": true, "actions": [
		{"action-name": "a", "function": "urn:fss:local:p1:function:default:f"}], "next-state": "end"}, "end": {"type": "END"}}}`,
}

func (s *simulation) createGraph(name, text string, limits machine.Limits) {
	d, problems := definition.Parse(text)
	if len(problems) > 0 {
		panic(fmt.Sprintf("the generator wrote a faulty graph: %v", problems))
	}
	row := store.Graph{Project: "p1", Name: name, Revision: 1}
	row.ID, _ = s.store.CreateGraph(background, row, text, store.References{})
	g := &engine.Graph{Graph: row, Region: "local", Machine: machine.Machine{Definition: d, Limits: limits}, Triggers: map[string]store.TriggerID{}}
	for _, urn := range d.Triggers() {
		g.Triggers[urn] = s.world.trigger(urn).ID
	}
	s.graphs[row.ID] = g
}

// graphID returns the graph of that name.
func (s *simulation) graphID(name string) (found store.GraphID) {
	for id, g := range s.graphs {
		if g.Name == name {
			found = id
		}
	}
	return found
}

// over reports whether nothing more can come of the run.
func (s *simulation) over() bool {
	if s.now < beginning+calm || s.ghost.running > 0 || s.world.open > 0 {
		return false
	}
	for _, c := range s.clients {
		if c.open > 0 {
			return false
		}
	}
	left, err := s.store.Backlogs(background)
	return err == nil && len(left) == 0
}

// happening is something that is going to happen.
type happening struct {
	at       journal.Millis
	priority uint64 // random: what is to happen at one moment happens in any order
	sequence int
	do       func()
}

type agenda []*happening

func (q agenda) Len() int { return len(q) }
func (q agenda) Less(i, j int) bool {
	a, b := q[i], q[j]
	switch {
	case a.at != b.at:
		return a.at < b.at
	case a.priority != b.priority:
		return a.priority < b.priority
	}
	return a.sequence < b.sequence
}
func (q agenda) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *agenda) Push(x any)   { *q = append(*q, x.(*happening)) }
func (q *agenda) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}

// later lets something happen after a time.
func (s *simulation) later(d journal.Millis, do func()) {
	s.ids++
	heap.Push(&s.queue, &happening{s.now + max(d, 0), s.chance.Uint64(), int(s.ids), do})
}

// between draws a time.
func (s *simulation) between(from, to journal.Millis) journal.Millis {
	return from + journal.Millis(s.chance.Int64N(int64(to-from+1)))
}

// record notes what happened, in the trace that makes runs comparable.
func (s *simulation) record(format string, arguments ...any) {
	line := fmt.Sprintf("%8d ", s.now-beginning) + fmt.Sprintf(format, arguments...) + "\n"
	io.WriteString(s.trace, line)
	if s.log != nil {
		io.WriteString(s.log, line)
	}
}

// broken ends the run: an invariant does not hold.
func (s *simulation) broken(format string, arguments ...any) {
	if s.report.failure == "" {
		s.report.failure = fmt.Sprintf(format, arguments...)
		s.record("BROKEN: %s", s.report.failure)
	}
}
