package sqlite

import (
	"context"
	"errors"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// CreateGraph stores a graph with its first definition.
func (s *Store) CreateGraph(ctx context.Context, g store.Graph, text string, refs store.References) (store.GraphID, error) {
	var id store.GraphID
	err := s.write(ctx, "create graph", func(ctx context.Context, c *conn) error {
		err := c.row(ctx, `
			INSERT INTO graphs (project, name, description, created_at, revision)
			VALUES (?, ?, ?, ?, 1)
			ON CONFLICT DO NOTHING
			RETURNING id`,
			[]any{g.Project, g.Name, g.Description, g.CreatedAt}, &id)
		if errors.Is(err, store.ErrNotFound) {
			return store.ErrExists
		}
		if err == nil {
			err = checkTriggers(ctx, c, g.Project, refs)
		}
		if err == nil {
			err = countIn(ctx, c, g.Project, store.CountedGraphs)
		}
		if err != nil {
			return err
		}
		if _, err := c.exec(ctx, "INSERT INTO blocks (graph, block) VALUES (?, 0)", id); err != nil {
			return err
		}
		return define(ctx, c, id, 1, text, refs, g.CreatedAt)
	})
	return id, err
}

// UpdateGraph stores a new current definition.
func (s *Store) UpdateGraph(ctx context.Context, id store.GraphID, text string, refs store.References, at journal.Millis) (int, error) {
	var revision int
	err := s.write(ctx, "update graph", func(ctx context.Context, c *conn) error {
		var project string
		err := c.row(ctx, `
			UPDATE graphs SET revision = revision + 1
			WHERE id = ? AND deleted_at IS NULL
			RETURNING revision, project`,
			[]any{id}, &revision, &project)
		if err == nil && len(refs.Triggers) > 0 {
			err = checkUnmapped(ctx, c, id)
		}
		if err == nil {
			err = checkTriggers(ctx, c, project, refs)
		}
		if err != nil {
			return err
		}
		if _, err := c.exec(ctx, "DELETE FROM graph_references WHERE graph = ?", id); err != nil {
			return err
		}
		return define(ctx, c, id, revision, text, refs, at)
	})
	return revision, err
}

// define stores a revision and what it names.
func define(ctx context.Context, c *conn, id store.GraphID, revision int, text string, refs store.References, at journal.Millis) error {
	if _, err := c.exec(ctx, "INSERT INTO definitions (graph, revision, created_at, text) VALUES (?, ?, ?, ?)",
		id, revision, at, text); err != nil {
		return err
	}
	if err := refer(ctx, c, id, "function", refs.Functions); err != nil {
		return err
	}
	return refer(ctx, c, id, "trigger", refs.Triggers)
}

// refer stores what a definition names; naming it twice is naming it.
func refer(ctx context.Context, c *conn, id store.GraphID, kind string, urns []string) error {
	for _, urn := range urns {
		if _, err := c.exec(ctx, `
			INSERT INTO graph_references (graph, kind, urn) VALUES (?, ?, ?)
			ON CONFLICT DO NOTHING`,
			id, kind, urn); err != nil {
			return err
		}
	}
	return nil
}

// DeleteGraph hides a graph and its executions, and removes its timers.
func (s *Store) DeleteGraph(ctx context.Context, id store.GraphID, at journal.Millis) error {
	return s.write(ctx, "delete graph", func(ctx context.Context, c *conn) error {
		var project string
		err := c.row(ctx, "UPDATE graphs SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL RETURNING project",
			[]any{at, id}, &project)
		if err == nil {
			err = checkUnmapped(ctx, c, id)
		}
		if err == nil {
			_, err = c.exec(ctx, "DELETE FROM timers WHERE graph = ?", id)
		}
		if err != nil {
			return err
		}
		s.keeper.Forget(id)
		return countOut(ctx, c, project, store.CountedGraphs)
	})
}

// graphColumns are those of a store.Graph, in the order of graphDestinations.
// They need the tables of graphTables.
const (
	graphColumns = `g.id, g.project, g.name, g.description, g.created_at, d.created_at, g.revision, g.executions`
	graphTables  = `graphs g JOIN definitions d ON d.graph = g.id AND d.revision = g.revision`
)

func graphDestinations(g *store.Graph) []any {
	return []any{&g.ID, &g.Project, &g.Name, &g.Description, &g.CreatedAt, &g.ModifiedAt, &g.Revision, &g.Executions}
}

// GraphByName returns the project's graph of that name.
func (s *Store) GraphByName(ctx context.Context, project, name string) (store.Graph, error) {
	var g store.Graph
	err := s.read(ctx, "find graph by name", func(c *conn) error {
		return c.row(ctx, `
			SELECT `+graphColumns+` FROM `+graphTables+`
			WHERE g.project = ? AND g.name = ? AND g.deleted_at IS NULL`,
			[]any{project, name}, graphDestinations(&g)...)
	})
	return g, err
}

// GraphByID returns a graph that is not deleted.
func (s *Store) GraphByID(ctx context.Context, id store.GraphID) (store.Graph, error) {
	var g store.Graph
	err := s.read(ctx, "find graph", func(c *conn) error {
		return c.row(ctx, `
			SELECT `+graphColumns+` FROM `+graphTables+`
			WHERE g.id = ? AND g.deleted_at IS NULL`,
			[]any{id}, graphDestinations(&g)...)
	})
	return g, err
}

// Definition returns one revision of a graph's definition.
func (s *Store) Definition(ctx context.Context, id store.GraphID, revision int) (store.Definition, error) {
	var d store.Definition
	err := s.read(ctx, "find definition", func(c *conn) error {
		return c.row(ctx, `
			SELECT d.text, d.created_at
			FROM definitions d JOIN graphs g ON g.id = d.graph
			WHERE d.graph = ? AND d.revision = ? AND g.deleted_at IS NULL`,
			[]any{id, revision}, &d.Text, &d.CreatedAt)
	})
	return d, err
}

// checkGraph returns ErrNotFound if a graph is not there or is deleted.
func checkGraph(ctx context.Context, c *conn, id store.GraphID) error {
	return c.row(ctx, "SELECT 1 FROM graphs WHERE id = ? AND deleted_at IS NULL", []any{int64(id)}, new(int))
}
