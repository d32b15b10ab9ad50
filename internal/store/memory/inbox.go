package memory

import (
	"context"
	"maps"
	"slices"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// inbox is what has been accepted.
type inbox struct {
	lastEvent store.EventNumber
	events    []store.Event               // in the order of their numbers
	arrivals  map[[32]byte]journal.Millis // when each expires
}

// Accept stores arrivals that have not been accepted before.
func (s *Store) Accept(ctx context.Context, arrivals []store.Arrival, at, expires journal.Millis) ([]bool, error) {
	fresh := make([]bool, len(arrivals))
	err := s.write(ctx, "Accept", func() error {
		for i, a := range arrivals {
			fresh[i] = s.accept(a, at, expires)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return fresh, nil
}

func (d *data) accept(a store.Arrival, at, expires journal.Millis) bool {
	if a.ID != "" {
		if known, ok := d.arrivals[a.Hash()]; ok && known > at {
			return false
		}
		d.arrivals[a.Hash()] = expires
	}
	for _, e := range a.Events {
		d.lastEvent++
		e.Number, e.AcceptedAt = d.lastEvent, at
		d.events = append(d.events, e)
	}
	return true
}

// Events returns events of a trigger.
func (s *Store) Events(ctx context.Context, trigger store.TriggerID, after store.EventNumber, limit int) ([]store.Event, error) {
	var events []store.Event
	err := s.read(ctx, "Events", func() error {
		for _, e := range s.events {
			if e.Trigger == trigger && e.Number > after && len(events) < limit {
				events = append(events, e)
			}
		}
		return nil
	})
	return events, err
}

// Discard removes events that have been handed on.
func (s *Store) Discard(ctx context.Context, trigger store.TriggerID, upTo store.EventNumber) error {
	return s.write(ctx, "Discard", func() error {
		s.events = slices.DeleteFunc(slices.Clone(s.events), func(e store.Event) bool {
			return e.Trigger == trigger && e.Number <= upTo
		})
		return nil
	})
}

// Backlogs returns what is to be handed on.
func (s *Store) Backlogs(ctx context.Context) ([]store.Backlog, error) {
	var all []store.Backlog
	err := s.read(ctx, "Backlogs", func() error {
		for _, id := range slices.Sorted(maps.Keys(s.triggers)) {
			b := store.Backlog{Trigger: s.triggers[id]}
			for _, e := range s.events {
				if e.Trigger == id {
					b.Events++
					b.Bytes += int64(len(e.Payload))
				}
			}
			if b.Events > 0 {
				all = append(all, b)
			}
		}
		return nil
	})
	return all, err
}

// OldestEvent returns when the oldest event was accepted.
func (s *Store) OldestEvent(ctx context.Context) (journal.Millis, error) {
	var oldest journal.Millis
	err := s.read(ctx, "OldestEvent", func() error {
		for _, e := range s.events {
			if oldest == 0 || e.AcceptedAt < oldest {
				oldest = e.AcceptedAt
			}
		}
		return nil
	})
	return oldest, err
}

// purgeInbox removes the names of arrivals that have expired, and events of
// triggers that are deleted.
func (d *data) purgeInbox(now journal.Millis) {
	maps.DeleteFunc(d.arrivals, func(_ [32]byte, expires journal.Millis) bool { return expires <= now })
	d.events = slices.DeleteFunc(slices.Clone(d.events), func(e store.Event) bool {
		_, there := d.triggers[e.Trigger]
		return !there
	})
}
