package simulation_test

import (
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"slices"

	"heddle/internal/definition"
	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/store"
)

// ghost watches a run and remembers, beside the product, what must be so. It
// has its own reading of the journals; docs/invariants.md says in words what it
// checks.
type ghost struct {
	sim     *simulation
	epoch   store.Epoch // the current one
	running int         // executions that have not ended
	byKey   map[store.Key]*history
	keys    []store.Key // in the order of their first commits
	events  []accepted  // those that were accepted, by number, from 1
	busy    int         // turns submitted after the calm has begun
	done    int         // of them stored
}

// accepted is an event in the inbox.
type accepted struct {
	trigger store.TriggerID
	payload string
	at      journal.Millis
}

// history is what the ghost knows of one execution.
type history struct {
	seq    journal.Seq
	rows   int
	codec  journal.Codec
	fold   machine.Execution
	start  journal.ExecutionStarted
	status journal.Status

	visit      int
	state      string
	due        journal.Millis // of the state in which it is
	unanswered []engine.Attempt
	deferred   map[engine.Attempt]journal.Millis // when they end without a result
	retries    map[int]journal.Millis            // when the next attempt of a branch is due
	happened   map[string]bool                   // what may happen once

	taken    int                              // the visit of the last EVENT that took its events
	born     int                              // events that were accepted before its first commit
	received map[string]bool                  // the ids of its events
	last     map[string]uint64                // the highest number of its events, by name
	kept     []journal.EventReceived          // that no state has taken
	answers  map[string]journal.EventAnswered // by the ids of their events
}

func newGhost(s *simulation) *ghost {
	return &ghost{sim: s, byKey: map[store.Key]*history{}}
}

// submitted counts a turn on its way to the store.
func (g *ghost) submitted(store.Turn) {
	if g.sim.now > beginning+calm {
		g.busy++
	}
}

// committed looks at an execution after each of its commits.
func (g *ghost) committed(turn store.Turn) {
	s, key := g.sim, turn.Head.Key
	if turn.Lease.Epoch != g.epoch {
		s.broken("an accepted commit carries the current epoch: %d, not %d", g.epoch, turn.Lease.Epoch)
	}
	if s.now > beginning+calm {
		g.done++
	}
	h, there := g.byKey[key]
	if !there {
		h = &history{
			retries: map[int]journal.Millis{}, deferred: map[engine.Attempt]journal.Millis{}, happened: map[string]bool{}, status: journal.Running,
			born: len(g.events), received: map[string]bool{}, last: map[string]uint64{}, answers: map[string]journal.EventAnswered{},
		}
		g.byKey[key] = h
		g.keys = append(g.keys, key)
		g.running++
	}
	if turn.After != h.seq {
		s.broken("an accepted turn follows the last record: %d, not %d", h.seq, turn.After)
	}
	head, rows, err := s.store.Load(background, key)
	if err != nil || len(rows) != h.rows+1 {
		s.broken("an accepted turn is in the store: %d rows, then %d, %v", h.rows, len(rows), err)
		return
	}
	records, err := h.codec.Decode(rows[h.rows])
	if err != nil {
		s.broken("a journal can be read: %v", err)
		return
	}
	h.rows++
	d := s.graphs[key.Graph].Machine.Definition
	for _, r := range records {
		broken := h.follow(g, d, turn.Head, r)
		if broken == "" {
			broken = h.followEvent(g, d, turn.Head, r)
		}
		if broken != "" {
			s.broken("%s: execution %s, record %d, %+v", broken, turn.Head.Name, h.seq, r)
			return
		}
	}
	h.fold = h.fold.Apply(records...)
	g.checkHead(h, head)
	g.checkWaits(h, head)
	if h.status != journal.Running {
		g.running--
	}
}

// follow checks a record against those before it, and remembers it. It returns
// the invariant that does not hold.
func (h *history) follow(g *ghost, d *definition.Definition, head store.Head, r journal.Record) string {
	h.seq++
	if h.status != journal.Running {
		return "nothing comes after the end"
	}
	if _, start := r.(journal.ExecutionStarted); start != (h.seq == 1) {
		return "the first record is ExecutionStarted, and no other"
	}
	once := func(what string, numbers ...int) bool {
		key := fmt.Sprint(what, h.visit, numbers)
		again := h.happened[key]
		h.happened[key] = true
		return !again
	}
	switch r := r.(type) {
	case journal.ExecutionStarted:
		h.start = r
		g.timed(head, r)
	case journal.StateEntered:
		h.visit++
		h.state = r.State
		h.due = r.Due
	case journal.ActionStarted:
		a := engine.Attempt{Visit: h.visit, Branch: r.Branch, Number: r.Attempt}
		if !once("action started", r.Branch, r.Attempt) {
			return "an attempt starts once"
		}
		if at, retry := h.retries[r.Branch]; retry != (r.Attempt > 1) || r.At < at {
			return "an attempt after the first begins when it is due"
		} else if retry && g.late(r.At, at) {
			return "in the calm no attempt begins late"
		}
		delete(h.retries, r.Branch)
		h.unanswered = append(h.unanswered, a)
	case journal.ActionDeferred:
		a := engine.Attempt{Visit: h.visit, Branch: r.Branch, Number: r.Attempt}
		i := slices.Index(h.unanswered, a)
		if i < 0 {
			return "an attempt is deferred once, after its start"
		}
		h.unanswered = slices.Delete(h.unanswered, i, i+1)
		h.deferred[a] = r.Due
	case journal.ActionEnded:
		a := engine.Attempt{Visit: h.visit, Branch: r.Branch, Number: r.Attempt}
		if !h.awaits(a) || !once("action ended", r.Branch, r.Attempt) {
			return "an attempt ends once, after its start"
		}
		due := h.deferred[a]
		h.unanswered = slices.DeleteFunc(h.unanswered, func(u engine.Attempt) bool { return u == a })
		delete(h.deferred, a)
		if r.RetryAt != 0 {
			h.retries[r.Branch] = r.RetryAt
		}
		overdue := due != 0 && r.Status == journal.Timeout && r.At >= due
		switch {
		case overdue && g.late(r.At, due):
			return "in the calm no attempt is awaited for too long"
		case !overdue && r.Status != journal.Aborted && !g.caused(d, head, r, a):
			return "a result that is used has an effect under its invocation id"
		}
	case journal.StateExited:
		if !once("state exited") {
			return "a visit of a state ends once"
		}
		if h.due != 0 && (r.Status == journal.Success || r.Status == journal.Timeout && h.waits(d)) {
			if r.At < h.due {
				return "no delay ends before its time"
			}
			if g.late(r.At, h.due) {
				return "in the calm no delay ends late"
			}
		}
		if len(h.unanswered)+len(h.deferred) > 0 {
			return "no attempt outlives its state"
		}
		h.due = 0
		clear(h.retries)
	case journal.ExecutionEnded:
		h.status = r.Status
	}
	return ""
}

// awaits reports whether the result of an attempt is awaited.
func (h *history) awaits(a engine.Attempt) bool {
	_, deferred := h.deferred[a]
	return deferred || slices.Contains(h.unanswered, a)
}

// late reports whether something in the calm is later than it has to be.
func (g *ghost) late(at, due journal.Millis) bool {
	return g.sim.now > beginning+calm && due > beginning+calm && at > due+1_000
}

// caused reports whether a function has returned what a record says.
func (g *ghost) caused(d *definition.Definition, head store.Head, r journal.ActionEnded, a engine.Attempt) bool {
	id := fmt.Sprintf("%x-%d-%d-%d", head.ID[:], a.Visit, a.Branch, a.Number)
	e := g.sim.calls.effects[id]
	switch {
	case e == nil:
		return false
	case r.Status != journal.Success:
		return e.failed || len(e.outputs) > 0 // which were of no use
	}
	action := actionOf(d, r.Action)
	if action == nil || action.Async || action.Filter != nil {
		return len(e.outputs) > 0
	}
	return slices.Contains(e.outputs, r.Output)
}

// checkHead compares the head of an execution with its journal, and what is
// outstanding with what is unanswered.
func (g *ghost) checkHead(h *history, head store.Head) {
	s := g.sim
	wake := store.Never
	if h.status == journal.Running {
		for _, times := range []iter.Seq[journal.Millis]{maps.Values(h.retries), maps.Values(h.deferred)} {
			for at := range times {
				if wake == store.Never || store.Wake(at) < wake {
					wake = store.Wake(at)
				}
			}
		}
		if h.due != 0 {
			wake = store.Wake(h.due)
		}
		if len(h.unanswered) > 0 {
			wake = store.Now
		}
		if wake == store.Never && !h.waits(s.graphs[head.Graph].Machine.Definition) {
			s.broken("a running execution has something that will wake it: %s", head.Name)
		}
	}
	if head.Seq != h.seq || head.Status != h.status || head.Wake != wake || h.fold.Seq != h.seq {
		s.broken("the head is the fold of the journal: %+v, not %d %s %d", head, h.seq, h.status, wake)
	}
	o := s.graphs[head.Graph].Machine.Outstanding(h.fold)
	if len(o.Calls) != len(h.unanswered) {
		s.broken("what is unanswered is outstanding after a reload: %v, not %v", o.Calls, h.unanswered)
	}
	for _, c := range o.Calls {
		if !slices.Contains(h.unanswered, engine.Attempt{Visit: c.Visit, Branch: c.Branch, Number: c.Attempt}) {
			s.broken("what is outstanding is unanswered: %+v", c)
		}
	}
}

// asked checks a call that the owner of its execution makes.
func (g *ghost) asked(n *node, c engine.Call) {
	if n.lease.Epoch != g.epoch {
		return
	}
	h := g.byKey[g.keyOf(engine.Started{URN: c.Execution})]
	if h == nil || !slices.Contains(h.unanswered, attemptOf(c)) {
		g.sim.broken("what is called is begun and not answered in the journal: %s", c.InvocationID)
	}
}

// resting checks an execution that stays in the memory of its owner with
// nothing to do at present.
func (g *ghost) resting(n *node, x *resident) {
	h := g.byKey[x.Key]
	if h == nil || n.draining || n.lease.Epoch != g.epoch || !x.Loaded() {
		return
	}
	if h.status != journal.Running && !x.Idle() {
		g.sim.broken("what has ended leaves memory: %s", h.start.Name)
	}
	if len(x.calls) > 0 && len(h.retries)+len(h.deferred) > 0 && x.asleep == 0 {
		g.sim.broken("what waits for a moment beside calls has something that will wake it: %s", h.start.Name)
	}
}

// acknowledged checks a start at the moment at which its client learns of it.
func (g *ghost) acknowledged(c *client, started engine.Started) {
	h := g.byKey[g.keyOf(started)]
	switch {
	case h == nil:
		g.sim.broken("an acknowledged start is stored: %s", c.req.Name)
	case h.start.Name != c.req.Name || h.start.Input != c.req.Input:
		g.sim.broken("an acknowledged start has its input: %s", c.req.Name)
	case c.answered != nil && c.answered.URN != started.URN:
		g.sim.broken("equal requests get equal answers: %s", c.req.Name)
	}
}

// stopped checks an execution at the moment at which a client learns that it
// has ended.
func (g *ghost) stopped(key store.Key, want ...journal.Status) {
	status := g.byKey[key].status
	if status == journal.Running || len(want) > 0 && status != want[0] {
		g.sim.broken("an answered stop leaves an execution that has ended: %s", status)
	}
}

// atTheEnd checks what must have come of everything.
func (g *ghost) atTheEnd() {
	s := g.sim
	byName := map[string][]*history{}
	for _, key := range g.keys {
		h := g.byKey[key]
		byName[h.start.Name] = append(byName[h.start.Name], h)
		if h.status == journal.Running {
			s.broken("after healing every execution ends: %s has not", h.start.Name)
		}
	}
	for _, c := range s.clients {
		made := byName[c.req.Name]
		switch {
		case c.open != 0:
			s.broken("after healing every client has its answer: %s has not", c.req.Name)
		case c.answered != nil && len(made) == 0:
			s.broken("an acknowledged start is there: %s is not", c.req.Name)
		case c.answered == nil && !c.unknown && len(made) > 0:
			s.broken("a refusal is not contradicted: %s was started", c.req.Name)
		case len(made) > 1 && (c.req.IdempotencyKey != "" || !c.unknown):
			s.broken("a request starts one execution: %s has %d", c.req.Name, len(made))
		}
		for _, h := range made {
			aborted := h.status == journal.Aborted
			if aborted && c.stop[stopDone]+c.stop[stopUnknown] == 0 || !aborted && c.stop[stopDone] > 0 {
				s.broken("stops are answered as they are: %s is %s, its stops %v", c.req.Name, h.status, c.stop)
			}
		}
	}
	g.eventsAtTheEnd()
	if g.busy > g.done+len(s.clients) {
		s.broken("in the calm turns are not tried again and again: %d for %d commits", g.busy, g.done)
	}
}

// keyOf returns the key of the execution that a client was told of.
func (g *ghost) keyOf(started engine.Started) store.Key {
	var key store.Key
	hex.Decode(key.ID[:], []byte(started.URN.ID))
	key.Graph = g.sim.graphID(started.URN.Graph)
	return key
}

// actionOf returns the action of that name in a definition, or nil if there
// are several.
func actionOf(d *definition.Definition, name string) (found *definition.Action) {
	for _, o := range operations(d) {
		for j := range o.Actions {
			if o.Actions[j].Name == name {
				if found != nil {
					return nil
				}
				found = &o.Actions[j]
			}
		}
	}
	return found
}

// operations returns all lists of actions of a definition.
func operations(d *definition.Definition) (all []*definition.Operation) {
	for i := range d.States {
		switch body := d.States[i].Body.(type) {
		case *definition.Operation:
			all = append(all, body)
		case *definition.Event:
			for j := range body.Members {
				all = append(all, &body.Members[j].Operation)
			}
		}
	}
	return all
}
