package simulation_test

import (
	"errors"
	"fmt"

	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/store"
)

// resident is an execution in a node's memory.
type resident struct {
	*engine.Execution
	inbox  []engine.Message
	busy   bool
	calls  []*call        // in flight, in the order of their beginnings
	nap    int            // numbers the naps, so that only the last one ends with a tick
	asleep journal.Millis // the moment for which the last nap was begun; 0 once it is over
	slept  journal.Millis // the same, for a mutant
}

// post brings a message to an execution.
func (n *node) post(key store.Key, m engine.Message) {
	x, there := n.residents[key]
	if !there {
		x = &resident{Execution: &engine.Execution{Key: key}}
		n.residents[key] = x
	}
	x.inbox = append(x.inbox, m)
	if !x.busy {
		x.busy = true
		n.workOn(x)
	}
}

// workOn handles the messages that have come.
func (n *node) workOn(x *resident) {
	messages := x.inbox
	x.inbox = nil
	if len(messages) > 0 {
		n.turn(x, messages)
		return
	}
	x.busy = false
	n.sim.ghost.resting(n, x)
	if x.Idle() {
		delete(n.residents, x.Key)
	}
}

// turn takes an execution through one turn.
func (n *node) turn(x *resident, messages []engine.Message) {
	d, err := n.draft(x, messages)
	if err != nil || d.Empty() {
		n.settle(x, messages, d, err)
		return
	}
	d.Turn.Lease = n.lease
	n.commit(pending{
		turn: d.Turn, awaited: len(direct(messages)) > 0,
		done: func(o store.Outcome) { n.settle(x, messages, d, o.Err) },
	})
}

func (n *node) draft(x *resident, messages []engine.Message) (engine.Draft, error) {
	if !x.Loaded() {
		if n.sim.away() {
			return engine.Draft{}, store.ErrUnavailable
		}
		head, rows, err := n.sim.store.Load(background, x.Key)
		if err != nil {
			return engine.Draft{}, err
		}
		if err := x.Load(n.sim.graphs[x.Key.Graph], head, rows); err != nil {
			return engine.Draft{}, err
		}
	}
	return x.Decide(n.clock(), engine.InputsOf(messages)...), nil
}

// settle ends a turn.
func (n *node) settle(x *resident, messages []engine.Message, d engine.Draft, err error) {
	a := x.Settle(d, err, n.draining)
	n.carryOut(x, a.Work)
	switch a.Next {
	case engine.Halt:
		n.die()
	case engine.Aside:
		n.sim.broken("no execution of a sound store is set aside: %v", a.Err)
	}
	again := x.Answer(a, messages)
	if a.Next == engine.Look {
		if n.sim.mutant == doubtfulMessageRepeated {
			again = append(again, direct(messages)...)
		}
		again = n.sim.mutant.look(n, x, d, again)
	}
	switch {
	case n.dead:
	case len(again) == 0:
		n.workOn(x)
	case a.Next == engine.Retry, a.Next == engine.Look:
		n.later(n.sim.between(50, 2_000), func() { n.turn(x, again) })
	default:
		n.turn(x, again)
	}
}

// direct returns the messages of workers among some.
func direct(messages []engine.Message) (found []engine.Message) {
	for _, m := range messages {
		if in, ok := m.Input.(machine.Arrival); ok && in.Direct {
			found = append(found, engine.Message{Input: in})
		}
	}
	return found
}

// carryOut does what a turn has changed about the work for an execution.
func (n *node) carryOut(x *resident, w engine.Work) {
	if w.Alarm != 0 {
		n.setAlarm(w.Alarm)
	}
	for _, a := range w.CutOff {
		x.cutOff(a)
	}
	for _, c := range w.Begin {
		x.calls = append(x.calls, n.sim.calls.begin(n, x, c))
	}
	if n.sim.mutant == napForgotten && x.slept == w.Nap {
		return
	}
	x.slept = w.Nap
	if w.EndNap {
		x.nap++
		x.asleep = 0
	}
	if nap := x.nap; w.Nap != 0 {
		x.asleep = w.Nap
		if n.sim.fails(clockJump) {
			n.later(n.sim.between(1, 1_000), func() { n.setClock(-n.sim.between(1, 5_000)) })
		}
		n.later(w.Nap-n.clock(), func() {
			if nap == x.nap {
				x.asleep = 0
				n.post(x.Key, engine.Message{Input: machine.Tick{}})
			}
		})
	}
}

// start begins an execution for a client, who is in doubt if it does not know
// what came of an earlier request.
func (n *node) start(req engine.StartRequest, doubtful bool, reply func(engine.Started, error)) {
	if n.draining {
		reply(engine.Started{}, engine.ErrDraining)
		return
	}
	s := n.sim
	g := s.graphs[s.graphID(req.Graph)]
	s.ids++
	var id store.ExecutionID
	copy(id[:], fmt.Sprintf("%016d", s.ids))
	if req.Event != nil && s.mutant != eventStartsTwice {
		id = engine.StartedBy(req.Event, g.ID)
	}
	conceived, d := engine.Conceive(g, id, n.clock(), req)
	x := &resident{Execution: conceived, busy: true}
	if s.mutant == secondStart && doubtful {
		d.Turn.Key = nil
	}
	d.Turn.Lease = n.lease
	held := d.Turn.Head.Wake == store.Now
	if other := n.residents[x.Key]; held && other != nil {
		started, err := x.Meet(other.Execution)
		if s.mutant == doubtfulStartMet {
			err = nil
		}
		reply(started, err)
		return
	}
	if held {
		n.residents[x.Key] = x
	}
	if s.mutant == acknowledgedTooEarly {
		reply(engine.Started{URN: x.URN, At: n.clock()}, nil)
	}
	n.commit(pending{turn: d.Turn, start: true, done: func(o store.Outcome) {
		started, a := x.Begun(d, o, req, n.draining)
		reply(started, a.Err)
		n.carryOut(x, a.Work)
		switch {
		case a.Next == engine.Halt:
			n.die()
		case a.Next == engine.Look && s.mutant != doubtfulStartForgotten:
			n.turn(x, x.Answer(a, nil))
		case o.Err != nil && held:
			delete(n.residents, x.Key)
		case held:
			n.workOn(x)
		}
	}})
}

// isRefusal reports whether an answer means that nothing has happened.
func isRefusal(err error) bool {
	return errors.Is(err, engine.ErrDraining) || errors.Is(err, store.ErrUnavailable)
}
