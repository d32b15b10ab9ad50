package memory

import (
	"cmp"
	"context"
	"slices"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// timersWhere returns the timers that are to be found, the oldest first.
func (d *data) timersWhere(wanted func(store.Timer) bool) []store.Timer {
	var all []store.Timer
	for _, t := range d.timers {
		t.Project, t.GraphName = d.graphs[t.Graph].Project, d.graphs[t.Graph].Name
		if wanted(t) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b store.Timer) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// CreateTimer stores a timer.
func (s *Store) CreateTimer(ctx context.Context, t store.Timer, max int) (store.TimerID, error) {
	err := s.write(ctx, "CreateTimer", func() error {
		if _, err := s.live(t.Graph); err != nil {
			return err
		}
		there := s.timersWhere(func(other store.Timer) bool { return other.Graph == t.Graph })
		if slices.ContainsFunc(there, func(other store.Timer) bool { return other.Name == t.Name }) {
			return store.ErrExists
		}
		if len(there) >= max {
			return store.ErrTooMany
		}
		s.lastTimer++
		t.ID, t.Revision = s.lastTimer, 1
		s.timers[t.ID] = t
		return nil
	})
	if err != nil {
		return 0, err
	}
	return t.ID, nil
}

// ChangeTimer puts a timer in the place of an earlier one.
func (s *Store) ChangeTimer(ctx context.Context, t store.Timer) error {
	return s.write(ctx, "ChangeTimer", func() error {
		last, ok := s.timers[t.ID]
		switch {
		case !ok:
			return store.ErrNotFound
		case last.Revision != t.Revision:
			return store.ErrStale
		}
		t.Graph, t.Name, t.CreatedAt = last.Graph, last.Name, last.CreatedAt
		t.Revision++
		s.timers[t.ID] = t
		return nil
	})
}

// DeleteTimer removes a timer.
func (s *Store) DeleteTimer(ctx context.Context, id store.TimerID) error {
	return s.write(ctx, "DeleteTimer", func() error {
		if _, ok := s.timers[id]; !ok {
			return store.ErrNotFound
		}
		delete(s.timers, id)
		return nil
	})
}

// TimerByName returns a timer of a project's graph.
func (s *Store) TimerByName(ctx context.Context, project, graph, name string) (store.Timer, error) {
	var found store.Timer
	err := s.read(ctx, "TimerByName", func() error {
		all := s.timersWhere(func(t store.Timer) bool {
			return t.Project == project && t.GraphName == graph && t.Name == name
		})
		if len(all) == 0 {
			return store.ErrNotFound
		}
		found = all[0]
		return nil
	})
	return found, err
}

// TimersOf returns the timers of a graph.
func (s *Store) TimersOf(ctx context.Context, graph store.GraphID) ([]store.Timer, error) {
	var all []store.Timer
	err := s.read(ctx, "TimersOf", func() error {
		_, err := s.live(graph)
		all = s.timersWhere(func(t store.Timer) bool { return t.Graph == graph })
		return err
	})
	return all, err
}

// compareNext is the order of Next and ID.
func compareNext(a, b store.Timer) int {
	return cmp.Or(cmp.Compare(a.Next, b.Next), cmp.Compare(a.ID, b.ID))
}

// DueTimers returns timers that fire, in the order of Next and ID.
func (s *Store) DueTimers(ctx context.Context, until journal.Millis, after *store.Timer, limit int) ([]store.Timer, error) {
	var due []store.Timer
	err := s.read(ctx, "DueTimers", func() error {
		due = s.timersWhere(func(t store.Timer) bool {
			return t.Next > 0 && t.Next <= until && (after == nil || compareNext(t, *after) > 0)
		})
		slices.SortFunc(due, compareNext)
		due = due[:min(limit, len(due))]
		return nil
	})
	return due, err
}

// NextTimer returns when the next timer fires.
func (s *Store) NextTimer(ctx context.Context) (journal.Millis, error) {
	var next journal.Millis
	err := s.read(ctx, "NextTimer", func() error {
		for _, t := range s.timers {
			if t.Next > 0 && (next == 0 || t.Next < next) {
				next = t.Next
			}
		}
		return nil
	})
	return next, err
}

// SkipTimers carries ticks out that start nothing.
func (s *Store) SkipTimers(ctx context.Context, ticks []store.Tick) error {
	return s.write(ctx, "SkipTimers", func() error {
		for i := range ticks {
			if t, ok := s.timers[ticks[i].Timer]; ok && t.Revision == ticks[i].Revision {
				s.tick(&ticks[i])
			}
		}
		return nil
	})
}

// due reports whether a tick can be carried out, of a timer of the graph.
func (d *data) due(graph store.GraphID, tick *store.Tick) bool {
	t, ok := d.timers[tick.Timer]
	return ok && t.Graph == graph && t.Revision == tick.Revision
}

// tick carries a tick out.
func (d *data) tick(tick *store.Tick) {
	t := d.timers[tick.Timer]
	t.Revision++
	t.Next, t.Fired = tick.Next, max(t.Fired, tick.Fires)
	d.timers[t.ID] = t
}
