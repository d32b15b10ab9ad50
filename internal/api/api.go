// Package api is the HTTP API: routes, the shapes of requests and answers, and
// which error becomes which code and status. The words are those of the
// published API, version 1.0; docs/api.md describes the calls for their users,
// our own additions included.
//
// Every call is an endpoint, a function from a request to an answer; package
// exchange does for all of them what they have in common. History
// and state map are read from an execution's journal and from nothing else.
//
// The package knows no SQL and nothing of how executions run, and it does not
// listen: package server does.
package api

import (
	"context"
	"log/slog"
	"time"

	"heddle/internal/audit"
	"heddle/internal/definition"
	"heddle/internal/engine"
	"heddle/internal/exchange"
	"heddle/internal/identity"
	"heddle/internal/journal"
	"heddle/internal/store"
)

// Engine is what the API asks of the engine: all that changes something, and
// to wait.
type Engine interface {
	// Ready returns nil if new executions can be taken, or why they cannot.
	Ready() error
	CreateGraph(ctx context.Context, project, name, description string, d *definition.Definition) (store.Graph, error)
	UpdateGraph(ctx context.Context, project, name string, d *definition.Definition) (store.Graph, error)
	DeleteGraph(ctx context.Context, project, name string) error
	Start(ctx context.Context, req engine.StartRequest) (engine.Started, error)
	// Crowded returns engine.ErrOverloaded or engine.ErrShareUsed if a start of the
	// project would be refused at once, or nil.
	Crowded(project string) error
	Stop(ctx context.Context, key store.Key) (journal.Millis, error)
	// Send brings an event to an execution whose state waits for it; Ask waits for
	// the response too.
	Send(ctx context.Context, key store.Key, event engine.Event) error
	Ask(ctx context.Context, key store.Key, event engine.Event) (string, error)
	// RequestWork takes the oldest piece of work that is offered for a trigger.
	RequestWork(ctx context.Context, trigger store.Trigger, patience time.Duration) (engine.Task, error)
	// Report brings the result of an attempt that is reported later.
	Report(ctx context.Context, key store.Key, a engine.Attempt, r engine.Result) error
	// Await returns when the execution's journal is longer than after, when the
	// execution has ended, or when ctx or the engine's work ends.
	Await(ctx context.Context, key store.Key, after journal.Seq)
}

// Store is what the API reads by itself, and where it keeps what concerns no
// execution.
type Store interface {
	GraphByName(ctx context.Context, project, name string) (store.Graph, error)
	Definition(ctx context.Context, id store.GraphID, revision int) (store.Definition, error)
	Load(ctx context.Context, key store.Key) (store.Head, [][]byte, error)
	store.Query
	store.Triggers
	store.Mappings
	store.Timers
	store.Quotas
	store.Identities
	AuditLog(ctx context.Context, f store.AuditFilter, page store.AuditPage) (records []audit.Record, next int64, err error)
	Keys(ctx context.Context) ([]store.AccessKey, error)
}

// Config says how the API works.
type Config struct {
	Region      string        // of the URNs it accepts and shows
	BodyMax     int64         // bytes of a request's body; a longer one is refused unread
	CallTimeout time.Duration // for one call; above waitMax
	TimeZone    string        // of timers for which none is named
	Quotas      Quotas        // of projects that have not been given others
	Exchange    exchange.Config
	AuditAll    bool // enter in the audit log also what starts executions or brings them on

	EventSources map[string]EventSource // by project
	// Confirm fetches a URL, by which a subscription to a topic is confirmed.
	Confirm func(ctx context.Context, url string) error
}

// Rooms are those whose doors the API is.
type Rooms struct {
	Engine    Engine
	Timers    Timers
	Events    Events
	Callbacks Callbacks
	Store     Store
	Guard     Guard
	Logins    Logins
	People    People
	Secrets   Secrets
	Audit     *audit.Log
}

// Guard lets requests pass whose senders may do what they ask for.
type Guard interface {
	// Admit returns who sent a request, or why it does not pass: an error of
	// package identity, of reading the body, or of the store.
	Admit(ctx context.Context, x *exchange.Exchange, bodyMax int64, project string, need identity.Need) (identity.Caller, error)
}

// API answers the calls.
type API struct {
	cfg       Config
	engine    Engine
	timers    Timers
	events    Events
	callbacks Callbacks
	store     Store
	guard     Guard
	logins    Logins
	people    People
	secrets   Secrets
	audit     *audit.Log
	exchanges *exchange.Adapter
}

// New returns an API whose Handler is ready to serve.
func New(cfg Config, rooms Rooms, log *slog.Logger) *API {
	return &API{
		cfg: cfg, engine: rooms.Engine, timers: rooms.Timers, events: rooms.Events,
		callbacks: rooms.Callbacks, store: rooms.Store, guard: rooms.Guard, logins: rooms.Logins, people: rooms.People, secrets: rooms.Secrets, audit: rooms.Audit,
		exchanges: exchange.NewAdapter(cfg.Exchange, log),
	}
}
