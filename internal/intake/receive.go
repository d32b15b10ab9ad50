package intake

import (
	"context"
	"fmt"

	"heddle/internal/source"
	"heddle/internal/trigger"
)

// Receive takes in events of a project as their source sent them: each fires the
// triggers that are for it. It returns when all of them are on the disk; an event
// that fires none has no effect. It returns the errors of Accept; the source then
// sends all of them again, and those that were accepted count once.
func (v *Events) Receive(ctx context.Context, project string, events []source.Event) error {
	for _, e := range events {
		a, err := v.fired(ctx, project, e)
		if err != nil {
			return fmt.Errorf("receive event: %w", err)
		}
		if len(a.Events) == 0 {
			continue
		}
		if _, err := v.Accept(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// fired returns what an event is to the triggers that it fires.
func (v *Events) fired(ctx context.Context, project string, e source.Event) (Arrival, error) {
	a := Arrival{Project: project, ID: e.ID}
	triggers, err := v.store.TriggersOf(ctx, project, e.Source, e.Resource)
	if err != nil {
		return a, err
	}
	for _, t := range triggers {
		d, err := trigger.Parse(t.Source, t.Definition)
		if err != nil {
			return a, fmt.Errorf("read the definition of trigger %s: %w", t.URN, err)
		}
		if d.Matches(e.Event) {
			a.Events = append(a.Events, Event{Trigger: t, Payload: e.Payload(t.UUID)})
		}
	}
	return a, nil
}
