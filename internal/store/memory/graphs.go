package memory

import (
	"context"
	"maps"
	"slices"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// live returns a graph that is not deleted, or ErrNotFound.
func (d *data) live(id store.GraphID) (*graph, error) {
	g, ok := d.graphs[id]
	if !ok || g.deleted {
		return nil, store.ErrNotFound
	}
	return g, nil
}

// named returns the project's graph of that name, or ErrNotFound.
func (d *data) named(project, name string) (*graph, error) {
	for _, g := range d.graphs {
		if g.Project == project && g.Name == name && !g.deleted {
			return g, nil
		}
	}
	return nil, store.ErrNotFound
}

// CreateGraph stores a graph with its first definition.
func (s *Store) CreateGraph(ctx context.Context, g store.Graph, text string, refs store.References) (store.GraphID, error) {
	err := s.write(ctx, "CreateGraph", func() error {
		if _, err := s.named(g.Project, g.Name); err == nil {
			return store.ErrExists
		}
		if err := s.hasTriggers(g.Project, refs); err != nil {
			return err
		}
		if err := s.count(g.Project, store.CountedGraphs, 1); err != nil {
			return err
		}
		s.lastGraph++
		g.ID, g.Revision, g.ModifiedAt, g.Executions = s.lastGraph, 1, g.CreatedAt, 0
		s.graphs[g.ID] = &graph{
			Graph:       g,
			definitions: []store.Definition{{Text: text, CreatedAt: g.CreatedAt}},
			refs:        refs,
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return g.ID, nil
}

// UpdateGraph stores a new current definition.
func (s *Store) UpdateGraph(ctx context.Context, id store.GraphID, text string, refs store.References, at journal.Millis) (int, error) {
	var revision int
	err := s.write(ctx, "UpdateGraph", func() error {
		g, err := s.live(id)
		if err == nil && len(refs.Triggers) > 0 {
			err = s.isMapped(id)
		}
		if err == nil {
			err = s.hasTriggers(g.Project, refs)
		}
		if err != nil {
			return err
		}
		g.definitions = append(g.definitions, store.Definition{Text: text, CreatedAt: at})
		g.refs = refs
		g.Revision, g.ModifiedAt = len(g.definitions), at
		revision = g.Revision
		return nil
	})
	return revision, err
}

// DeleteGraph hides a graph and its executions.
func (s *Store) DeleteGraph(ctx context.Context, id store.GraphID, _ journal.Millis) error {
	return s.write(ctx, "DeleteGraph", func() error {
		g, err := s.live(id)
		if err == nil {
			err = s.isMapped(id)
		}
		if err != nil {
			return err
		}
		g.deleted = true
		maps.DeleteFunc(s.timers, func(_ store.TimerID, t store.Timer) bool { return t.Graph == id })
		return s.count(g.Project, store.CountedGraphs, -1)
	})
}

// Purge removes expired keys, names of arrivals and events of deleted triggers,
// and of one deleted graph the oldest executions, or
// the graph itself if it has none.
func (s *Store) Purge(ctx context.Context, now journal.Millis, limit int) (bool, error) {
	var more bool
	err := s.write(ctx, "Purge", func() error {
		more = s.purge(now, limit)
		return nil
	})
	return more, err
}

func (d *data) purge(now journal.Millis, limit int) (more bool) {
	for k, used := range d.keys {
		if used.expires <= now || d.graphs[k.graph].deleted {
			delete(d.keys, k)
		}
	}
	d.purgeInbox(now)
	for _, id := range slices.Sorted(maps.Keys(d.graphs)) {
		if !d.graphs[id].deleted {
			continue
		}
		all := d.executionsOf(id)
		for _, x := range all[:min(limit, len(all))] {
			delete(d.executions, x.head.Key)
		}
		if len(all) == 0 {
			delete(d.graphs, id)
		}
		return true
	}
	return false
}

// GraphByName returns the project's graph of that name.
func (s *Store) GraphByName(ctx context.Context, project, name string) (store.Graph, error) {
	var found store.Graph
	err := s.read(ctx, "GraphByName", func() error {
		g, err := s.named(project, name)
		if err == nil {
			found = g.Graph
		}
		return err
	})
	return found, err
}

// GraphByID returns a graph that is not deleted.
func (s *Store) GraphByID(ctx context.Context, id store.GraphID) (store.Graph, error) {
	var found store.Graph
	err := s.read(ctx, "GraphByID", func() error {
		g, err := s.live(id)
		if err == nil {
			found = g.Graph
		}
		return err
	})
	return found, err
}

// Definition returns one revision of a graph's definition.
func (s *Store) Definition(ctx context.Context, id store.GraphID, revision int) (store.Definition, error) {
	var found store.Definition
	err := s.read(ctx, "Definition", func() error {
		g, err := s.live(id)
		if err != nil {
			return err
		}
		if revision < 1 || revision > len(g.definitions) {
			return store.ErrNotFound
		}
		found = g.definitions[revision-1]
		return nil
	})
	return found, err
}
