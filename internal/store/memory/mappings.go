package memory

import (
	"context"
	"slices"

	"heddle/internal/store"
)

// CreateMapping stores a mapping.
func (s *Store) CreateMapping(ctx context.Context, m store.Mapping) error {
	return s.write(ctx, "CreateMapping", func() error {
		g, err := s.live(m.Graph)
		if err != nil {
			return err
		}
		t, ok := s.triggers[m.Trigger]
		switch {
		case !ok || t.Project != g.Project:
			return store.ErrNotFound
		case s.mapping(m.Graph, m.Trigger) >= 0:
			return store.ErrExists
		case len(g.refs.Triggers) > 0:
			return store.ErrNamed
		case slices.ContainsFunc(s.mappings, func(other store.Mapping) bool {
			u := s.triggers[other.Trigger]
			return other.Graph == m.Graph && t.Source == "SMN" && u.Source == "SMN" && u.Resource == t.Resource
		}):
			return store.ErrTopic
		}
		m.GraphName, m.TriggerURN = g.Name, t.URN
		s.mappings = append(s.mappings, m)
		return nil
	})
}

// mapping returns the index of a mapping, or -1.
func (d *data) mapping(graph store.GraphID, trigger store.TriggerID) int {
	return slices.IndexFunc(d.mappings, func(m store.Mapping) bool { return m.Graph == graph && m.Trigger == trigger })
}

// isMapped returns ErrMapped if a mapping binds a graph.
func (d *data) isMapped(id store.GraphID) error {
	if slices.ContainsFunc(d.mappings, func(m store.Mapping) bool { return m.Graph == id }) {
		return store.ErrMapped
	}
	return nil
}

// EnableMapping says whether events take effect.
func (s *Store) EnableMapping(ctx context.Context, graph store.GraphID, trigger store.TriggerID, enabled bool) error {
	return s.write(ctx, "EnableMapping", func() error {
		i := s.mapping(graph, trigger)
		if i < 0 {
			return store.ErrNotFound
		}
		s.mappings[i].Enabled = enabled
		return nil
	})
}

// DeleteMapping removes a mapping.
func (s *Store) DeleteMapping(ctx context.Context, graph store.GraphID, trigger store.TriggerID) error {
	return s.write(ctx, "DeleteMapping", func() error {
		i := s.mapping(graph, trigger)
		if i < 0 {
			return store.ErrNotFound
		}
		s.mappings = slices.Delete(s.mappings, i, i+1)
		return nil
	})
}

// ListMappings returns all of a project's mappings that match.
func (s *Store) ListMappings(ctx context.Context, f store.MappingFilter) ([]store.Mapping, error) {
	var listed []store.Mapping
	err := s.read(ctx, "ListMappings", func() error {
		for _, m := range slices.Backward(s.mappings) {
			if s.graphs[m.Graph].Project == f.Project && (f.Graph == 0 || m.Graph == f.Graph) &&
				(f.Trigger == 0 || m.Trigger == f.Trigger) && (m.Enabled || !f.Enabled) {
				listed = append(listed, m)
			}
		}
		return nil
	})
	return listed, err
}
