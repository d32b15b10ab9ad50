package store

import (
	"context"
	"crypto/sha256"

	"heddle/internal/journal"
)

// EventNumber numbers the events that were accepted, from 1, in the order in
// which they were committed.
type EventNumber int64

// Event is an event of a trigger that was accepted and not yet handed on.
type Event struct {
	Number     EventNumber
	Trigger    TriggerID
	Payload    string // JSON text
	AcceptedAt journal.Millis
}

// Arrival is what a source of events has sent: an event of each trigger that it
// fires.
type Arrival struct {
	Project string
	ID      string  // names what was sent, in the project; "" if nothing does
	Events  []Event // with Trigger and Payload only
}

// Hash tells arrivals with an ID apart.
func (a Arrival) Hash() [32]byte { return sha256.Sum256([]byte(a.Project + "\x00" + a.ID)) }

// Backlog is how many events of a trigger are to be handed on, and how many
// bytes of payloads.
type Backlog struct {
	Trigger Trigger
	Events  int
	Bytes   int64
}

// Inbox keeps the events that were accepted until they have been handed on, and
// their names for longer, so that what is sent twice counts once.
type Inbox interface {
	// Accept stores arrivals in one transaction. One whose ID has been accepted
	// before, and has not expired, is left out: its entry of fresh is false. The
	// IDs of the others are kept until they expire.
	Accept(ctx context.Context, arrivals []Arrival, at, expires journal.Millis) (fresh []bool, err error)
	// Events returns up to limit events of a trigger whose numbers are above
	// after, in their order.
	Events(ctx context.Context, trigger TriggerID, after EventNumber, limit int) ([]Event, error)
	// Discard removes the events of a trigger up to a number: they have been
	// handed on.
	Discard(ctx context.Context, trigger TriggerID, upTo EventNumber) error
	// Backlogs returns what is to be handed on, in the order of the triggers.
	// Events of triggers that are deleted are not counted; Purge removes them.
	Backlogs(ctx context.Context) ([]Backlog, error)
	// OldestEvent returns when the event was accepted that has been in the inbox
	// for longest, or 0 if there is none.
	OldestEvent(ctx context.Context) (journal.Millis, error)
}

// Wait is something outside that an execution waits for: every event of a
// trigger, or one request for the work that it offers.
type Wait struct {
	Trigger TriggerID
	Offered journal.Millis // since when it offers work; 0 if it waits for events
}

// Waits are all that an execution waits for.
type Waits []Wait

// Waiter is an execution that waits for a trigger.
type Waiter struct {
	Key
	// Since is the number of the last event that came too early for it, or the
	// time since which it offers work.
	Since int64
}

// Waiting finds the executions that wait for something from outside.
type Waiting interface {
	// Waiters returns up to limit executions that wait for a trigger, in the order
	// of Since and Key, beginning after the given one (nil: from the first).
	// Executions of deleted graphs wait for nothing.
	Waiters(ctx context.Context, trigger TriggerID, after *Waiter, limit int) ([]Waiter, error)
}
