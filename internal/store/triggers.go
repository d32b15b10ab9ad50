package store

import (
	"context"
	"errors"

	"heddle/internal/journal"
)

// The errors of triggers and mappings on which callers branch.
var (
	ErrNoTrigger = errors.New("a trigger that the definition names does not exist")
	ErrNamed     = errors.New("definitions name triggers")                // so the trigger stays, and the graph is not mapped
	ErrMapped    = errors.New("a mapping binds it")                       // so the trigger or the graph stays as it is
	ErrTopic     = errors.New("the graph is mapped to the topic already") // by a mapping of another trigger
)

// TriggerID names a trigger inside the store. It is never used again.
type TriggerID int64

// Trigger is a trigger as stored.
type Trigger struct {
	ID          TriggerID
	Project     string
	URN         string // unique
	UUID        string // unique in the project
	Source      string
	Resource    string // what it watches
	Name        string
	Description string
	Definition  string         // trigger_def, as it was sent
	CreatedAt   journal.Millis // whole seconds
}

// Triggers keeps triggers. A trigger that a current definition names, or that is
// mapped, is there.
type Triggers interface {
	// CreateTrigger stores a trigger. It returns ErrExists if there is one of that
	// URN, or in the project of that UUID, and ErrQuota.
	CreateTrigger(ctx context.Context, t Trigger) (TriggerID, error)
	// DescribeTrigger changes a trigger's description.
	DescribeTrigger(ctx context.Context, id TriggerID, description string) error
	// DeleteTrigger removes a trigger. It returns ErrMapped while a mapping binds
	// it, else ErrNamed while the current definition of a graph names it, or an
	// execution waits for it.
	DeleteTrigger(ctx context.Context, id TriggerID) error
	// TriggerByURN returns the project's trigger of that URN.
	TriggerByURN(ctx context.Context, project, urn string) (Trigger, error)
	// TriggerByUUID returns the project's trigger of that UUID.
	TriggerByUUID(ctx context.Context, project, uuid string) (Trigger, error)
	// TriggersOf returns the project's triggers that watch a resource of a source,
	// the oldest first.
	TriggersOf(ctx context.Context, project, source, resource string) ([]Trigger, error)
	// ListTriggers returns a page of a project's triggers, newest first unless
	// Ascending is set, and the number of all that match. A page of triggers has no
	// cursor.
	ListTriggers(ctx context.Context, f TriggerFilter, page Page) ([]Trigger, int64, error)
}

// TriggerFilter chooses triggers of a project by all that is set.
type TriggerFilter struct {
	Project string
	Name    string // a part of it
	URN     string // a part of it
	Source  string // the whole
}

// Mapping binds a trigger to a graph of the same project: its events start
// executions, while it is enabled.
type Mapping struct {
	Graph     GraphID
	Trigger   TriggerID
	Enabled   bool
	CreatedAt journal.Millis // whole seconds

	// Known to the store, and set in what it returns.
	GraphName  string
	TriggerURN string
}

// Mappings keeps which triggers are mapped to which graphs. A graph that is
// mapped is not deleted, and its definition names no trigger.
type Mappings interface {
	// CreateMapping stores a mapping. It returns ErrNotFound if its graph or its
	// trigger is not there, ErrExists if there is such a mapping, ErrNamed if the
	// graph's current definition names a trigger, and ErrTopic if another trigger
	// of the same topic is mapped to the graph.
	CreateMapping(ctx context.Context, m Mapping) error
	// EnableMapping says whether events take effect. It returns ErrNotFound if
	// there is no such mapping.
	EnableMapping(ctx context.Context, graph GraphID, trigger TriggerID, enabled bool) error
	// DeleteMapping removes a mapping, or returns ErrNotFound.
	DeleteMapping(ctx context.Context, graph GraphID, trigger TriggerID) error
	// ListMappings returns all of a project's mappings that match, newest first.
	ListMappings(ctx context.Context, f MappingFilter) ([]Mapping, error)
}

// MappingFilter chooses mappings of a project by all that is set.
type MappingFilter struct {
	Project string
	Graph   GraphID   // 0: any
	Trigger TriggerID // 0: any
	Enabled bool      // only those that are
}
