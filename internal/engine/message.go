package engine

import "heddle/internal/machine"

// Message is an input on its way to an execution.
type Message struct {
	Input machine.Input
	Reply func(error) // tells a Stop what came of it; nil if nobody waits
}

// InputsOf returns what the messages bring.
func InputsOf(messages []Message) []machine.Input {
	inputs := make([]machine.Input, len(messages))
	for i, m := range messages {
		inputs[i] = m.Input
	}
	return inputs
}

// Answer answers the messages of a turn whose senders wait, and returns those
// that need another turn.
func (a Aftermath) Answer(messages []Message) (again []Message) {
	if a.Next == Reload {
		return messages
	}
	for _, m := range messages {
		if m.Reply != nil {
			m.Reply(a.Err)
		}
		if _, stop := m.Input.(machine.Stop); !stop && (a.Next == Retry || a.Next == Look) {
			again = append(again, m) // nobody would bring it a second time
		}
	}
	if a.Next == Look && len(again) == 0 {
		again = []Message{{Input: machine.Tick{}}}
	}
	return again
}
