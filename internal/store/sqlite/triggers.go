package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"heddle/internal/store"
)

// CreateTrigger stores a trigger.
func (s *Store) CreateTrigger(ctx context.Context, t store.Trigger) (store.TriggerID, error) {
	var id store.TriggerID
	err := s.write(ctx, "create trigger", func(ctx context.Context, c *conn) error {
		err := c.row(ctx, `
			INSERT INTO triggers (project, urn, uuid, source, resource, name, description, definition, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING
			RETURNING id`,
			[]any{t.Project, t.URN, t.UUID, t.Source, t.Resource, t.Name, t.Description, t.Definition, t.CreatedAt}, &id)
		if errors.Is(err, store.ErrNotFound) {
			return store.ErrExists
		}
		if err != nil {
			return err
		}
		return countIn(ctx, c, t.Project, store.CountedTriggers)
	})
	return id, err
}

// DescribeTrigger changes a trigger's description.
func (s *Store) DescribeTrigger(ctx context.Context, id store.TriggerID, description string) error {
	return s.write(ctx, "describe trigger", func(ctx context.Context, c *conn) error {
		return c.row(ctx, "UPDATE triggers SET description = ? WHERE id = ? RETURNING 1", []any{description, id}, new(int))
	})
}

// DeleteTrigger removes a trigger that nothing refers to.
func (s *Store) DeleteTrigger(ctx context.Context, id store.TriggerID) error {
	return s.write(ctx, "delete trigger", func(ctx context.Context, c *conn) error {
		var project string
		var mapped, named bool
		err := c.row(ctx, `
			SELECT t.project, EXISTS (SELECT 1 FROM mappings m WHERE m.trigger = t.id),
				EXISTS (
					SELECT 1 FROM graph_references r JOIN graphs g ON g.id = r.graph
					WHERE r.kind = 'trigger' AND r.urn = t.urn AND g.project = t.project AND g.deleted_at IS NULL)
					OR EXISTS (
						SELECT 1 FROM waits w JOIN graphs g ON g.id = w.graph
						WHERE w.trigger = t.id AND g.deleted_at IS NULL)
			FROM triggers t WHERE t.id = ?`, []any{id}, &project, &mapped, &named)
		switch {
		case err != nil:
			return err
		case mapped:
			return store.ErrMapped
		case named:
			return store.ErrNamed
		}
		if _, err = c.exec(ctx, "DELETE FROM triggers WHERE id = ?", id); err != nil {
			return err
		}
		return countOut(ctx, c, project, store.CountedTriggers)
	})
}

// triggerColumns are those of a store.Trigger, in the order of
// triggerDestinations.
const triggerColumns = `t.id, t.project, t.urn, t.uuid, t.source, t.resource, t.name, t.description, t.definition, t.created_at`

func triggerDestinations(t *store.Trigger) []any {
	return []any{&t.ID, &t.Project, &t.URN, &t.UUID, &t.Source, &t.Resource, &t.Name, &t.Description, &t.Definition, &t.CreatedAt}
}

func triggerFromRow(rows *sql.Rows) (t store.Trigger, err error) {
	err = rows.Scan(triggerDestinations(&t)...)
	return t, err
}

// TriggerByURN returns the project's trigger of that URN.
func (s *Store) TriggerByURN(ctx context.Context, project, urn string) (store.Trigger, error) {
	var t store.Trigger
	err := s.read(ctx, "find trigger by URN", func(c *conn) error {
		return c.row(ctx, "SELECT "+triggerColumns+" FROM triggers t WHERE t.project = ? AND t.urn = ?",
			[]any{project, urn}, triggerDestinations(&t)...)
	})
	return t, err
}

// TriggerByUUID returns the project's trigger of that UUID.
func (s *Store) TriggerByUUID(ctx context.Context, project, uuid string) (store.Trigger, error) {
	var t store.Trigger
	err := s.read(ctx, "find trigger by UUID", func(c *conn) error {
		return c.row(ctx, "SELECT "+triggerColumns+" FROM triggers t WHERE t.project = ? AND t.uuid = ?",
			[]any{project, uuid}, triggerDestinations(&t)...)
	})
	return t, err
}

// TriggersOf returns the project's triggers that watch a resource of a source.
func (s *Store) TriggersOf(ctx context.Context, project, source, resource string) (triggers []store.Trigger, err error) {
	err = s.read(ctx, "find triggers of a resource", func(c *conn) (err error) {
		triggers, err = collect(ctx, c, triggerFromRow, `
			SELECT `+triggerColumns+` FROM triggers t
			WHERE t.project = ? AND t.source = ? AND t.resource = ?
			ORDER BY t.id`,
			project, source, resource)
		return err
	})
	return triggers, err
}

// checkTriggers returns ErrNoTrigger if the project lacks a trigger that a
// definition names.
func checkTriggers(ctx context.Context, c *conn, project string, refs store.References) error {
	for _, urn := range refs.Triggers {
		err := c.row(ctx, "SELECT 1 FROM triggers WHERE project = ? AND urn = ?", []any{project, urn}, new(int))
		if errors.Is(err, store.ErrNotFound) {
			return store.ErrNoTrigger
		}
		if err != nil {
			return err
		}
	}
	return nil
}
