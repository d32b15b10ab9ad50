package sqlite

import (
	"context"

	"heddle/internal/store"
)

// ListTriggers returns a page of a project's triggers. A project has thousands
// of triggers at most, so the filters look at each of them.
func (s *Store) ListTriggers(ctx context.Context, f store.TriggerFilter, page store.Page) ([]store.Trigger, int64, error) {
	const (
		matching = `
			FROM triggers t
			WHERE t.project = ?1 AND instr(t.name, ?2) > 0 AND instr(t.urn, ?3) > 0 AND (?4 = '' OR t.source = ?4)`
		count  = `SELECT count(*)` + matching
		newest = `SELECT ` + triggerColumns + matching + ` ORDER BY t.id DESC LIMIT ?5 OFFSET ?6`
		oldest = `SELECT ` + triggerColumns + matching + ` ORDER BY t.id LIMIT ?5 OFFSET ?6`
	)
	text := newest
	if page.Ascending {
		text = oldest
	}
	filter := []any{f.Project, f.Name, f.URN, f.Source}

	var triggers []store.Trigger
	var n int64
	err := s.read(ctx, "list triggers", func(c *conn) (err error) {
		if err := c.row(ctx, count, filter, &n); err != nil {
			return err
		}
		triggers, err = collect(ctx, c, triggerFromRow, text, append(filter, page.Limit, page.Offset)...)
		return err
	})
	return triggers, n, err
}
