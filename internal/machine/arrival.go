package machine

import (
	"errors"

	"heddle/internal/definition"
	"heddle/internal/journal"
	"heddle/internal/urn"
)

// keptMax is how many events of one trigger are kept for an execution.
const keptMax = 100

// Arrival brings an event of one of the triggers that the definition names.
//
// An event that is not Direct is kept until a state takes it, if there is one
// ahead that may. A Direct one is for the state that waits for it now; Admit
// says whether there is one.
type Arrival struct {
	Trigger string // URN
	ID      string // tells the event from others
	Number  uint64 // its place among all events of the trigger: one that came before is not received again; 0 for a Direct one
	Payload string // JSON text; "" if it brings none, and the state's input stands in
	Direct  bool
	Asks    bool // its sender waits for an answer: there will be one EventAnswered
}

// The reasons why a Direct event is not received.
var (
	ErrEventUnknown = errors.New("the definition does not name the trigger")
	ErrEventTaken   = errors.New("the state has taken its event")
	ErrStateEnded   = errors.New("the state that waited for the event has ended")
	ErrNotWaiting   = errors.New("no state waits for the event yet")
	ErrTimedOut     = errors.New("the state has waited for too long")
	ErrEnded        = errors.New("the execution has already ended")
)

// Admit returns why the execution, at a moment, does not receive a Direct event
// of a trigger, or nil.
func (m Machine) Admit(x Execution, now journal.Millis, trigger string) error {
	e := m.Definition.EventOf(trigger)
	if x.Ended() {
		if body, ok := m.Definition.State(x.State).Body.(*definition.Event); ok && x.Status == journal.Timeout && e != nil && body.Names(e.Name) {
			return ErrTimedOut
		}
		return ErrEnded
	}
	if e == nil {
		return ErrEventUnknown
	}
	body, in := m.Definition.State(x.State).Body.(*definition.Event)
	switch in = in && x.Next == "" && body.Names(e.Name); {
	case in && (len(x.Taken) > 0 || x.keeps(e.Name) > 0):
		return ErrEventTaken
	case in && x.Due != 0 && x.Due <= now:
		return ErrTimedOut
	case in:
		return nil
	case m.awaits(x, e.Name):
		return ErrNotWaiting
	}
	return ErrStateEnded
}

// keeps returns how many events of a name are kept.
func (x Execution) keeps(name string) (n int) {
	for _, e := range x.Kept {
		if e.Name == name {
			n++
		}
	}
	return n
}

// awaits reports whether the state, unless it has taken its events, or one that
// it leads to waits for an event.
func (m Machine) awaits(x Execution, event string) bool {
	if x.Next != "" {
		return m.Definition.State(x.Next).Awaits(event)
	}
	state := m.Definition.State(x.State)
	if len(x.Taken) > 0 {
		return state.AwaitsLater(event)
	}
	return state.Awaits(event)
}

// waiting returns the EVENT in which the execution waits, or nil.
func (m Machine) waiting(x Execution) *definition.Event {
	if x.Status != journal.Running || x.Next != "" || len(x.Taken) > 0 {
		return nil
	}
	e, _ := m.Definition.State(x.State).Body.(*definition.Event)
	return e
}

// open returns the triggers for which an execution is open: those whose every
// event is for it, and those for whose requests it has work.
func (m Machine) open(x Execution) (events, offers []string) {
	waiting := m.waiting(x)
	for _, e := range m.Definition.Events {
		switch {
		case e.Source.WorkerType() == urn.WorkRequest:
			if waiting != nil && waiting.Names(e.Name) && x.keeps(e.Name) == 0 {
				offers = append(offers, e.Source.String())
			}
		case !e.Worker() && m.awaits(x, e.Name):
			events = append(events, e.Source.String())
		}
	}
	return events, offers
}

func (in Arrival) happen(t *turn) {
	if t.x.Status != journal.Running || !t.receives(in) {
		return
	}
	waiting := t.waiting(t.x)
	if waiting != nil && t.x.Due != 0 && t.x.Due <= t.now { // nobody has looked yet
		t.elapsed()
		return
	}
	e := t.Definition.EventOf(in.Trigger)
	if t.x.keeps(e.Name) >= keptMax {
		t.dropOldest(e.Name)
	}
	t.record(journal.EventReceived{
		At: t.now, Event: e.Name, ID: in.ID, Number: in.Number, Direct: in.Direct, Asks: in.Asks, Payload: in.Payload,
	})
	if waiting != nil {
		t.await(t.Definition.State(t.x.State), waiting)
	}
	t.proceed()
}

// receives reports whether an event is for the execution, and has not come before.
func (t *turn) receives(in Arrival) bool {
	if in.Direct {
		return t.Admit(t.x, t.now, in.Trigger) == nil
	}
	e := t.Definition.EventOf(in.Trigger)
	return e != nil && in.Number > t.x.Last[e.Name] && t.awaits(t.x, e.Name)
}

func (t *turn) dropOldest(name string) {
	for _, e := range t.x.Kept {
		if e.Name == name {
			t.record(journal.EventDropped{At: t.now, Event: name, ID: e.ID})
			return
		}
	}
}
