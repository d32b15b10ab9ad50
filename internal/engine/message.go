package engine

import (
	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/urn"
)

// Message is an input on its way to an execution.
type Message struct {
	Input machine.Input
	Reply func(Reply)     // tells its sender once what came of it; nil if nobody waits
	Gone  <-chan struct{} // closed when its sender waits no more; nil if it waits for ever
}

// Reply says what came of a message.
type Reply struct {
	Err       error         // why it came to nothing; *EventError if it was taken and then failed
	Execution urn.Execution // to which it was brought
	Response  string        // to an event that asks for one
}

// EventError says that a state has taken an event and could not do what it says.
type EventError struct{ journal.Failure }

func (e *EventError) Error() string { return e.Code + " " + e.Message }

// InputsOf returns what the messages bring.
func InputsOf(messages []Message) []machine.Input {
	inputs := make([]machine.Input, len(messages))
	for i, m := range messages {
		inputs[i] = m.Input
	}
	return inputs
}

// asker is the sender of an event that was received, who waits for an answer.
type asker struct {
	reply func(Reply)
	gone  <-chan struct{}
}

// Answer answers the messages of a turn whose senders wait, and those of turns
// before that have their answer now. It returns the messages that need another
// turn.
func (x *Execution) Answer(a Aftermath, messages []Message) (again []Message) {
	if a.Next == Reload {
		return messages
	}
	for i, m := range messages {
		err := a.Err
		if err == nil && a.refused != nil {
			err = a.refused[i]
		}
		in, _ := m.Input.(machine.Arrival)
		switch {
		case m.Reply == nil && (a.Next == Retry || a.Next == Look):
			again = append(again, m) // nobody would bring it a second time
		case m.Reply == nil:
		case err == nil && in.Asks:
			x.ask(in.ID, asker{m.Reply, m.Gone})
		default:
			m.Reply(Reply{Err: err, Execution: x.URN})
		}
	}
	x.answer(a)
	if a.Next == Look && len(again) == 0 {
		again = []Message{{Input: machine.Tick{}}}
	}
	return again
}

func (x *Execution) ask(id string, who asker) {
	if x.askers == nil {
		x.askers = map[string]asker{}
	}
	x.askers[id] = who
}

// answer tells those who wait for what came of their events. If the execution
// is given up, it will not be known here.
func (x *Execution) answer(a Aftermath) {
	for _, r := range a.answers {
		who, waits := x.askers[r.ID]
		if !waits {
			continue
		}
		delete(x.askers, r.ID)
		reply := Reply{Execution: x.URN, Response: r.Response}
		if r.Failure != nil {
			reply.Err = &EventError{*r.Failure}
		}
		who.reply(reply)
	}
	if a.Err == nil || a.Next == Retry || a.Next == Look {
		return
	}
	for _, who := range x.askers {
		who.reply(Reply{Err: a.Err, Execution: x.URN})
	}
	x.askers = nil
}

// forgetGone forgets those who do not wait any more.
func (x *Execution) forgetGone() {
	for id, who := range x.askers {
		select {
		case <-who.gone:
			delete(x.askers, id)
		default:
		}
	}
}
