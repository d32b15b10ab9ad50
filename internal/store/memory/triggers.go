package memory

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"heddle/internal/store"
)

// CreateTrigger stores a trigger.
func (s *Store) CreateTrigger(ctx context.Context, t store.Trigger) (store.TriggerID, error) {
	err := s.write(ctx, "CreateTrigger", func() error {
		for _, other := range s.triggers {
			if other.URN == t.URN || other.Project == t.Project && other.UUID == t.UUID {
				return store.ErrExists
			}
		}
		if err := s.count(t.Project, store.CountedTriggers, 1); err != nil {
			return err
		}
		s.lastTrigger++
		t.ID = s.lastTrigger
		s.triggers[t.ID] = t
		return nil
	})
	if err != nil {
		return 0, err
	}
	return t.ID, nil
}

// DescribeTrigger changes a trigger's description.
func (s *Store) DescribeTrigger(ctx context.Context, id store.TriggerID, description string) error {
	return s.write(ctx, "DescribeTrigger", func() error {
		t, ok := s.triggers[id]
		if !ok {
			return store.ErrNotFound
		}
		t.Description = description
		s.triggers[id] = t
		return nil
	})
}

// DeleteTrigger removes a trigger that nothing refers to.
func (s *Store) DeleteTrigger(ctx context.Context, id store.TriggerID) error {
	return s.write(ctx, "DeleteTrigger", func() error {
		t, ok := s.triggers[id]
		if !ok {
			return store.ErrNotFound
		}
		if slices.ContainsFunc(s.mappings, func(m store.Mapping) bool { return m.Trigger == id }) {
			return store.ErrMapped
		}
		for _, g := range s.graphs {
			if !g.deleted && g.Project == t.Project && slices.Contains(g.refs.Triggers, t.URN) {
				return store.ErrNamed
			}
		}
		for key, x := range s.executions {
			if _, waits := x.waits[id]; waits && !s.graphs[key.Graph].deleted {
				return store.ErrNamed
			}
		}
		delete(s.triggers, id)
		return s.count(t.Project, store.CountedTriggers, -1)
	})
}

// TriggerByURN returns the project's trigger of that URN.
func (s *Store) TriggerByURN(ctx context.Context, project, urn string) (store.Trigger, error) {
	return s.findTrigger(ctx, "TriggerByURN", func(t store.Trigger) bool { return t.Project == project && t.URN == urn })
}

// TriggerByUUID returns the project's trigger of that UUID.
func (s *Store) TriggerByUUID(ctx context.Context, project, uuid string) (store.Trigger, error) {
	return s.findTrigger(ctx, "TriggerByUUID", func(t store.Trigger) bool { return t.Project == project && t.UUID == uuid })
}

func (s *Store) findTrigger(ctx context.Context, method string, wanted func(store.Trigger) bool) (store.Trigger, error) {
	var found store.Trigger
	err := s.read(ctx, method, func() error {
		for _, t := range s.triggers {
			if wanted(t) {
				found = t
				return nil
			}
		}
		return store.ErrNotFound
	})
	return found, err
}

// TriggersOf returns the project's triggers that watch a resource of a source.
func (s *Store) TriggersOf(ctx context.Context, project, source, resource string) ([]store.Trigger, error) {
	var found []store.Trigger
	err := s.read(ctx, "TriggersOf", func() error {
		found = s.triggersWhere(func(t store.Trigger) bool {
			return t.Project == project && t.Source == source && t.Resource == resource
		})
		return nil
	})
	return found, err
}

// triggersWhere returns the triggers that are wanted, the oldest first.
func (d *data) triggersWhere(wanted func(store.Trigger) bool) []store.Trigger {
	var all []store.Trigger
	for _, t := range d.triggers {
		if wanted(t) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b store.Trigger) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// ListTriggers returns a page of a project's triggers.
func (s *Store) ListTriggers(ctx context.Context, f store.TriggerFilter, page store.Page) ([]store.Trigger, int64, error) {
	var listed []store.Trigger
	var n int64
	err := s.read(ctx, "ListTriggers", func() error {
		all := s.triggersWhere(func(t store.Trigger) bool {
			return t.Project == f.Project && strings.Contains(t.Name, f.Name) && strings.Contains(t.URN, f.URN) &&
				(f.Source == "" || t.Source == f.Source)
		})
		n = int64(len(all))
		listed = cut(all, page, nil)
		return nil
	})
	return listed, n, err
}

// hasTriggers returns ErrNoTrigger if the project lacks a trigger that a
// definition names.
func (d *data) hasTriggers(project string, refs store.References) error {
	for _, urn := range refs.Triggers {
		if len(d.triggersWhere(func(t store.Trigger) bool { return t.Project == project && t.URN == urn })) == 0 {
			return store.ErrNoTrigger
		}
	}
	return nil
}
