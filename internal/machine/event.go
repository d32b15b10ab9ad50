package machine

import (
	"fmt"
	"slices"
	"strings"

	"heddle/internal/definition"
	"heddle/internal/journal"
	"heddle/internal/payload"
)

// await goes on with an EVENT if what it waits for has come. Of several members
// the one whose expression came true first is carried out.
func (t *turn) await(state *definition.State, body *definition.Event) {
	member, first := -1, coming{}
	for i := range body.Members {
		c, ok := t.x.came(body.Members[i].Expression)
		if ok && (member < 0 || c.at < first.at) {
			member, first = i, c
		}
	}
	if member >= 0 {
		t.take(state, body, member, first)
	}
}

// coming is how an event-expression came true.
type coming struct {
	events []string // that made it true, each once
	joined bool     // by "and"
	at     int      // index in Kept of the last of them
}

// came says how an expression came true with the events that are kept.
func (x *Execution) came(e definition.EventExpression) (coming, bool) {
	switch {
	case e.And != nil:
		all := coming{joined: true}
		for _, part := range e.And {
			c, ok := x.came(part)
			if !ok {
				return coming{}, false
			}
			for _, name := range c.events {
				if !slices.Contains(all.events, name) {
					all.events = append(all.events, name)
				}
			}
			all.at = max(all.at, c.at)
		}
		return all, true
	case e.Or != nil:
		var first coming
		var any bool
		for _, part := range e.Or {
			if c, ok := x.came(part); ok && (!any || c.at < first.at) {
				first, any = c, true
			}
		}
		return first, any
	}
	at := slices.IndexFunc(x.Kept, func(k Event) bool { return k.Name == e.Name })
	return coming{events: []string{e.Name}, at: at}, at >= 0
}

// take takes the events that a member has waited for, and does what it says.
func (t *turn) take(state *definition.State, body *definition.Event, member int, c coming) {
	t.record(journal.EventTaken{At: t.now, Member: member, Events: c.events})
	m := &body.Members[member]
	work, fault := filter(state.FilterIn, t.x.Input)
	if fault != nil {
		t.fail(fault.at(state.Name))
		return
	}
	given, fault := t.payloadOf(c, work)
	switch {
	case fault != nil:
		t.fail(fault.at(state.Name))
	case len(m.Actions) == 0:
		t.leave(state, given, m.Next)
	case m.InputMode == definition.InputBoth:
		t.operate(state, &m.Operation, `{"input":`+work+`,"event":`+given+`}`)
	default:
		t.operate(state, &m.Operation, given)
	}
}

// payloadOf returns the payload of what was taken. What the state works on
// stands in for an event that has none.
func (t *turn) payloadOf(c coming, work string) (string, *fault) {
	members := make([]string, len(t.x.Taken))
	for i, e := range t.x.Taken {
		text := e.Payload
		if text == "" {
			text = work
		}
		selected, fault := filter(t.Definition.Event(e.Name).FilterRequest, text)
		if fault != nil || !c.joined {
			return selected, fault
		}
		members[i] = payload.Quote(e.Name) + ":" + selected
	}
	return "{" + strings.Join(members, ",") + "}", nil
}

// respond answers those who wait for what comes of the events that the state
// took. Whoever else has sent it something is turned away.
func (t *turn) respond(result string) *fault {
	var answers []journal.EventAnswered
	for _, e := range t.x.Taken {
		if !e.Asks {
			continue
		}
		response, fault := filterResult(t.Definition.Event(e.Name).FilterResponse, result)
		if fault != nil {
			return fault
		}
		answers = append(answers, journal.EventAnswered{At: t.now, ID: e.ID, Response: response})
	}
	for _, a := range answers {
		t.record(a)
	}
	t.turnAway(t.x.Kept, journal.Failure{Name: failureEventTaken, Code: codeEventTaken, Message: "the state has taken another event"})
	return nil
}

// turnAway tells those who wait for an answer from the state why there is none.
func (t *turn) turnAway(events []Event, f journal.Failure) {
	for _, e := range events {
		if e.Asks {
			t.record(journal.EventAnswered{At: t.now, ID: e.ID, Failure: &f})
		}
	}
}

// timeOut ends an EVENT, and the execution with it, that no event has come for.
func (t *turn) timeOut(state *definition.State, body *definition.Event) {
	f := failure{
		Failure: journal.Failure{Name: definition.FailureTimeout, Code: codeTimedOut,
			Message: fmt.Sprintf("what the state waits for has not come within %d s", body.TimeoutSeconds)},
		state: state.Name,
	}
	output := `{"error":` + f.object() + `}`
	t.abandon(f.Failure)
	t.record(journal.StateExited{At: t.now, State: state.Name, Status: journal.Timeout, Output: output})
	t.record(journal.ExecutionEnded{At: t.now, Status: journal.Timeout, Output: output})
}
