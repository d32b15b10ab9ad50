package simulation_test

import (
	"errors"
	"fmt"

	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/machine/graphtest"
	"heddle/internal/store"
)

// client starts one execution, and perhaps stops it.
type client struct {
	sim    *simulation
	req    engine.StartRequest
	open   int  // requests that it means to go on with
	racing bool // it also stops the execution when a call is answered

	unknown  bool               // it has not learned what came of one of them
	answered *engine.Started    // the first acknowledgement
	stop     map[stopAnswer]int // how often stops were answered like this
}

// stopAnswer is what a client knows of a stop.
type stopAnswer int

const (
	stopDone stopAnswer = iota
	stopTooLate
	stopRefused
	stopUnknown
)

func newClient(s *simulation, i int) *client {
	g := graphtest.New(s.seed, uint64(1000+i))
	req := engine.StartRequest{
		Project: "p1", Graph: s.names[g.IntN(len(s.names))],
		Name: fmt.Sprintf("x%d", i), Input: g.Payload(),
	}
	if g.Chance(0.2) {
		req.Graph = s.names[0] // it has work in hand at once
	}
	if g.Chance(0.7) {
		req.IdempotencyKey = "key of " + req.Name
	}
	return &client{sim: s, req: req, open: 1, stop: map[stopAnswer]int{}}
}

// start asks for the execution until there is an answer. A start without a key
// whose outcome is unknown is not repeated: it might run twice.
func (c *client) start() {
	s := c.sim
	if s.node == nil {
		s.later(500, c.start)
		return
	}
	waiting := true
	unknown := func() {
		waiting, c.unknown = false, true
		if c.req.IdempotencyKey != "" {
			s.later(s.between(1, 3_000), c.start)
		} else {
			c.open--
		}
	}
	limit := journal.Millis(10_000)
	if s.fails(clientGivesUp) {
		limit = s.between(0, 10)
	}
	s.node.start(c.req, c.unknown, func(started engine.Started, err error) {
		s.record("start of %s is answered: %v %v", c.req.Name, started.URN.ID, err)
		switch {
		case err == nil:
			s.ghost.acknowledged(c, started)
		case errors.Is(err, engine.ErrKeyReused):
			s.broken("an equal request is not taken for another: %s", c.req.Name)
		}
		switch {
		case !waiting:
		case err == nil:
			waiting = false
			c.begun(started)
		case isRefusal(err):
			waiting = false
			s.later(s.between(1, 3_000), c.start)
		default:
			unknown()
		}
	})
	s.later(limit, func() {
		if waiting {
			unknown()
		}
	})
}

// begun goes on after an acknowledgement: the client may ask once more, and
// may stop what it has started.
func (c *client) begun(started engine.Started) {
	s := c.sim
	first := c.answered == nil
	if first {
		c.answered = &started
	}
	c.open--
	if first && c.req.IdempotencyKey != "" && s.chance.IntN(4) == 0 {
		c.open++
		s.later(s.between(0, healing), c.start)
	}
	if first && s.chance.IntN(4) == 0 {
		c.open++
		c.racing = s.chance.IntN(2) == 0
		s.later(s.between(0, 60_000), c.abort)
	}
}

// raced lets a client whose stops race with answers send one.
func (s *simulation) raced(name string) {
	for _, c := range s.clients {
		if c.racing && c.req.Name == name && s.chance.IntN(3) == 0 {
			c.racing = false
			c.open++
			s.later(s.between(0, 8), c.abort)
		}
	}
}

// abort stops the execution.
func (c *client) abort() {
	s := c.sim
	if s.node == nil {
		s.later(500, c.abort)
		return
	}
	waiting := true
	learn := func(a stopAnswer) {
		waiting = false
		c.stop[a]++
		c.open--
	}
	key := s.ghost.keyOf(*c.answered)
	s.node.post(key, engine.Message{Input: machine.Stop{}, Reply: func(r engine.Reply) {
		err := r.Err
		if !waiting {
			return
		}
		s.record("stop of %s is answered: %v", c.req.Name, err)
		switch {
		case err == nil:
			learn(stopDone)
			s.ghost.stopped(key, journal.Aborted)
		case errors.Is(err, engine.ErrEnded):
			learn(stopTooLate)
			s.ghost.stopped(key)
		case isRefusal(err):
			learn(stopRefused)
		case errors.Is(err, store.ErrNotFound):
			s.broken("a stop finds what was acknowledged: %s", c.req.Name)
		default:
			learn(stopUnknown)
		}
	}})
	s.later(20_000, func() {
		if waiting {
			learn(stopUnknown)
		}
	})
}
