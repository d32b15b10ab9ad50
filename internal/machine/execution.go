package machine

import (
	"maps"
	"slices"

	"heddle/internal/journal"
)

// NotStarted is the status of the zero Execution.
const NotStarted journal.Status = ""

// Execution is the progress of one run of a graph: the fold of its journal.
// The zero Execution has not started. It is a value; Decide never changes one.
type Execution struct {
	Seq    journal.Seq // how many records it is the fold of
	Status journal.Status

	State    string         // the state that was entered last
	Next     string         // the state to enter next, if that one has been left; else ""
	Input    string         // of the state, or of the next, as it came
	Visits   int            // states entered so far
	Entered  journal.Millis // when that was
	Due      journal.Millis // when the state ends by itself; 0 if it does not
	Written  int            // bytes of payloads in the journal; what is passed on unchanged counts once
	Branches []Branch       // the actions of the state that have been started

	Kept   []Event           // that came and that no state has taken yet, the oldest first
	Taken  []Event           // by the state, in the order of its expression; none while it waits
	Member int               // of the state: the one that took them
	Last   map[string]uint64 // the highest Number that was received, by the event's name

	elements []string // of a dynamic-extend, once computed from Input
}

// Branch is an action of a state in progress: the one at its index in the
// state's list, or with dynamic-extend the one action with the element at that
// index.
type Branch struct {
	Input   string
	Attempt int
	Status  journal.Status // RUNNING until the attempt has ended
	Output  string
	Due     journal.Millis // when the attempt ends without a result, if its function has deferred that; else 0
	RetryAt journal.Millis // when the next attempt begins; 0 if there is none
	Retries []int          // how often each result rule was used
}

// Event is an event that an execution has received.
type Event struct {
	Name    string // in the definition
	ID      string
	Payload string // "" if the state's input stands in
	Direct  bool   // no later state gets it
	Asks    bool   // its sender waits for an answer
}

// Ended reports whether the execution is over.
func (x Execution) Ended() bool {
	return x.Status != journal.Running && x.Status != NotStarted
}

// Apply returns the execution after the records.
func (x Execution) Apply(records ...journal.Record) Execution {
	x = x.clone()
	for _, r := range records {
		x.apply(r)
	}
	return x
}

func (x Execution) clone() Execution {
	x.Branches = slices.Clone(x.Branches)
	for i := range x.Branches {
		x.Branches[i].Retries = slices.Clone(x.Branches[i].Retries)
	}
	x.Kept, x.Taken, x.Last = slices.Clone(x.Kept), slices.Clone(x.Taken), maps.Clone(x.Last)
	return x
}

func (x *Execution) apply(r journal.Record) {
	x.Seq++
	switch r := r.(type) {
	case journal.ExecutionStarted:
		x.Status = journal.Running
		x.Written += len(r.Input)
	case journal.StateEntered:
		x.State, x.Next, x.Input, x.Due = r.State, "", r.Input, r.Due
		x.Visits++
		x.Entered = r.At
	case journal.ActionStarted:
		x.begin(r)
	case journal.ActionDeferred:
		x.Branches[r.Branch].Due = r.Due
	case journal.ActionEnded:
		x.write(r.Output, r.Branch)
		x.Branches[r.Branch].end(r)
	case journal.StateExited:
		x.write(r.Output, len(x.Branches)-1)
		x.Next, x.Input = r.Next, r.Output
		x.Due, x.Branches, x.elements = 0, nil, nil
		x.Taken, x.Member = nil, 0
		x.Kept = slices.DeleteFunc(x.Kept, func(e Event) bool { return e.Direct })
	case journal.ExecutionEnded:
		x.Status, x.Next = r.Status, ""
		x.Kept = nil
	case journal.EventReceived:
		x.receive(r)
	case journal.EventDropped:
		x.takeOldest(r.Event)
	case journal.EventTaken:
		x.Member, x.Due = r.Member, 0
		for _, name := range r.Events {
			x.Taken = append(x.Taken, x.takeOldest(name))
		}
	case journal.EventAnswered:
		x.write(r.Response, len(x.Branches)-1)
	}
}

func (x *Execution) receive(r journal.EventReceived) {
	x.write(r.Payload, -1)
	x.Kept = append(x.Kept, Event{Name: r.Event, ID: r.ID, Payload: r.Payload, Direct: r.Direct, Asks: r.Asks})
	if r.Number != 0 {
		if x.Last == nil {
			x.Last = map[string]uint64{}
		}
		x.Last[r.Event] = r.Number
	}
}

// takeOldest takes the oldest kept event of a name away.
func (x *Execution) takeOldest(name string) Event {
	i := slices.IndexFunc(x.Kept, func(e Event) bool { return e.Name == name })
	e := x.Kept[i]
	x.Kept = slices.Delete(x.Kept, i, i+1)
	if len(x.Kept) == 0 {
		x.Kept = nil
	}
	return e
}

// write counts a payload, unless it is the state's input, or what the branch
// was given or has returned.
func (x *Execution) write(text string, branch int) {
	if text == x.Input {
		return
	}
	if branch >= 0 {
		if b := &x.Branches[branch]; text == b.Input || text == b.Output {
			return
		}
	}
	x.Written += len(text)
}

// begin starts an attempt. Branches are started in the order of their indices.
func (x *Execution) begin(r journal.ActionStarted) {
	if r.Branch == len(x.Branches) {
		x.write(r.Input, r.Branch-1)
		x.Branches = append(x.Branches, Branch{})
	}
	b := &x.Branches[r.Branch]
	b.Input, b.Attempt, b.Status, b.RetryAt = r.Input, r.Attempt, journal.Running, 0
}

func (b *Branch) end(r journal.ActionEnded) {
	b.Status, b.Output, b.Due, b.RetryAt = r.Status, r.Output, 0, r.RetryAt
	if r.RetryAt == 0 {
		return
	}
	for len(b.Retries) <= r.Rule {
		b.Retries = append(b.Retries, 0)
	}
	b.Retries[r.Rule]++
}
