package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"heddle/internal/store"
)

// CreateMapping stores a mapping. It locks graph and trigger first, so that
// neither comes to be named, updated or deleted meanwhile.
func (s *Store) CreateMapping(ctx context.Context, m store.Mapping) error {
	return s.write(ctx, "create mapping", func(ctx context.Context, c *conn) error {
		if err := c.row(ctx, "SELECT 1 FROM graphs WHERE id = $1 FOR NO KEY UPDATE", []any{m.Graph}, new(int)); err != nil {
			return err
		}
		if err := c.row(ctx, "SELECT 1 FROM triggers WHERE id = $1 FOR KEY SHARE", []any{m.Trigger}, new(int)); err != nil {
			return err
		}
		var topic *string
		var mapped, named, heard bool
		err := c.row(ctx, `
			SELECT CASE t.source WHEN 'SMN' THEN t.resource END,
				EXISTS (SELECT 1 FROM mappings m WHERE m.graph = g.id AND m.trigger = t.id),
				EXISTS (SELECT 1 FROM graph_references r WHERE r.graph = g.id AND r.kind = 'trigger'),
				EXISTS (SELECT 1 FROM mappings m WHERE m.graph = g.id AND t.source = 'SMN' AND m.topic = t.resource)
			FROM graphs g JOIN triggers t ON t.project = g.project
			WHERE g.id = $1 AND g.deleted_at IS NULL AND t.id = $2`,
			[]any{m.Graph, m.Trigger}, &topic, &mapped, &named, &heard)
		switch {
		case err != nil:
			return err
		case mapped:
			return store.ErrExists
		case named:
			return store.ErrNamed
		case heard:
			return store.ErrTopic
		}
		_, err = c.exec(ctx, "INSERT INTO mappings (graph, trigger, topic, enabled, created_at) VALUES ($1, $2, $3, $4, $5)",
			m.Graph, m.Trigger, topic, m.Enabled, m.CreatedAt)
		return err
	})
}

// EnableMapping says whether events take effect.
func (s *Store) EnableMapping(ctx context.Context, graph store.GraphID, trigger store.TriggerID, enabled bool) error {
	return s.write(ctx, "enable mapping", func(ctx context.Context, c *conn) error {
		return c.row(ctx, "UPDATE mappings SET enabled = $1 WHERE graph = $2 AND trigger = $3 RETURNING 1",
			[]any{enabled, graph, trigger}, new(int))
	})
}

// DeleteMapping removes a mapping.
func (s *Store) DeleteMapping(ctx context.Context, graph store.GraphID, trigger store.TriggerID) error {
	return s.write(ctx, "delete mapping", func(ctx context.Context, c *conn) error {
		return c.row(ctx, "DELETE FROM mappings WHERE graph = $1 AND trigger = $2 RETURNING 1", []any{graph, trigger}, new(int))
	})
}

// ListMappings returns all of a project's mappings that match.
func (s *Store) ListMappings(ctx context.Context, f store.MappingFilter) (mappings []store.Mapping, err error) {
	err = s.read(ctx, "list mappings", func(ctx context.Context, c *conn) (err error) {
		mappings, err = collect(ctx, c, mappingFromRow, `
			SELECT m.graph, m.trigger, m.enabled, m.created_at, g.name, t.urn
			FROM mappings m JOIN graphs g ON g.id = m.graph JOIN triggers t ON t.id = m.trigger
			WHERE g.project = $1 AND ($2 = 0 OR m.graph = $2) AND ($3 = 0 OR m.trigger = $3) AND (NOT $4 OR m.enabled)
			ORDER BY m.id DESC`,
			f.Project, f.Graph, f.Trigger, f.Enabled)
		return err
	})
	return mappings, err
}

func mappingFromRow(row pgx.CollectableRow) (m store.Mapping, err error) {
	err = row.Scan(&m.Graph, &m.Trigger, &m.Enabled, &m.CreatedAt, &m.GraphName, &m.TriggerURN)
	return m, err
}

// checkUnmapped returns ErrMapped if a mapping binds a graph.
func checkUnmapped(ctx context.Context, c *conn, id store.GraphID) error {
	err := c.row(ctx, "SELECT 1 FROM mappings WHERE graph = $1 LIMIT 1", []any{id}, new(int))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return store.ErrMapped
}
