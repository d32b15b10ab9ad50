// Package functionapi is the HTTP API of functions, version 2: routes, the shapes
// of requests and answers, and which error becomes which code and status. The
// words are those of the published API, and its official SDKs are its callers;
// docs/functions.md describes the calls for people.
//
// Every call is an endpoint, a function from a request to an answer; package
// exchange does for all of them what they have in common.
//
// The package knows no SQL, no process and nothing of how a function is called.
package functionapi

import (
	"context"
	"log/slog"
	"time"

	"heddle/internal/admission"
	"heddle/internal/audit"
	"heddle/internal/exchange"
	"heddle/internal/function"
	"heddle/internal/function/catalog"
	"heddle/internal/identity"
	"heddle/internal/store"
)

// Catalog is what the API asks of the stored functions.
type Catalog interface {
	Functions
	Versions
	Aliases
}

// Functions are made, changed and removed as a whole.
type Functions interface {
	Create(ctx context.Context, name store.FunctionName, d catalog.Draft) (catalog.Function, error)
	Function(ctx context.Context, name store.FunctionName) (catalog.Function, error)
	List(ctx context.Context, f store.FunctionFilter, page store.Page) ([]catalog.Function, int64, error)
	Delete(ctx context.Context, f catalog.Function) error
	UpdateCode(ctx context.Context, name store.FunctionName, d catalog.Draft) (catalog.Function, error)
	UpdateConfig(ctx context.Context, name store.FunctionName, secrets *string, edit func(p *catalog.Properties) error) (catalog.Function, error)
	SetInstances(ctx context.Context, name store.FunctionName, instances, calls *int) (catalog.Function, error)
	URN(name store.FunctionName, version string) string
}

// Versions are the versions of functions.
type Versions interface {
	Qualified(ctx context.Context, f catalog.Function, qualifier string) (catalog.Version, error)
	Versions(ctx context.Context, f catalog.Function, page store.Page) ([]catalog.Version, int64, error)
	Code(ctx context.Context, v catalog.Version) ([]byte, error)
	Publish(ctx context.Context, name store.FunctionName, p catalog.Publication) (catalog.Function, catalog.Version, error)
	DeleteVersion(ctx context.Context, name store.FunctionName, version string) error
}

// Aliases are what names versions, and how both are invoked asynchronously.
type Aliases interface {
	CreateAlias(ctx context.Context, name store.FunctionName, alias string, a catalog.Alias) (catalog.Alias, error)
	ChangeAlias(ctx context.Context, name store.FunctionName, alias string, a catalog.Alias) (catalog.Alias, error)
	DeleteAlias(ctx context.Context, name store.FunctionName, alias string) error
	SetAsync(ctx context.Context, name store.FunctionName, qualifier string, cfg catalog.AsyncConfig) (catalog.AsyncConfig, error)
	ResetAsync(ctx context.Context, name store.FunctionName, qualifier string) error
}

// Queue is what takes invocations, and those that are waited for as well.
type Queue interface {
	function.Invoker
	Add(ctx context.Context, f catalog.Function, qualifier, event string) (store.InvocationID, error)
}

// Store is what the API reads by itself.
type Store interface {
	ListInvocations(ctx context.Context, f store.InvocationFilter, page store.Page) ([]store.Invocation, int64, error)
}

// Config says how the API works.
type Config struct {
	Region      string         // of the URNs it accepts and shows
	BodyMax     int64          // bytes of a request's body that carries no code; a longer one is refused unread
	CallTimeout time.Duration  // for one call that neither invokes nor carries code
	Invocations admission.Room // for the synchronous ones; others are refused
	Exchange    exchange.Config
	AuditAll    bool // enter in the audit log invocations, too
}

// Guard lets requests pass whose senders may do what they ask for.
type Guard interface {
	// Admit returns who sent a request, or why it does not pass: an error of
	// package identity, of reading the body, or of the store.
	Admit(ctx context.Context, x *exchange.Exchange, bodyMax int64, project string, need identity.Need) (identity.Caller, error)
}

// Rooms are those whose doors the API is.
type Rooms struct {
	Catalog Catalog
	Queue   Queue
	Store   Store
	Logs    Logs
	Guard   Guard
	Audit   *audit.Log
}

// API answers the calls.
type API struct {
	cfg         Config
	catalog     Catalog
	queue       Queue
	store       Store
	logs        Logs
	guard       Guard
	audit       *audit.Log
	exchanges   *exchange.Adapter
	invocations *admission.Gate
	uploads     chan struct{} // holds one for each body with code that is in memory
}

// uploadsMax is how many bodies that carry code are held at a time; others are
// left unread until there is a place. Each may take hundreds of megabytes until
// it is stored.
const uploadsMax = 2

// New returns an API whose Handler is ready to serve.
func New(cfg Config, rooms Rooms, log *slog.Logger) *API {
	return &API{
		cfg: cfg, catalog: rooms.Catalog, queue: rooms.Queue, store: rooms.Store, logs: rooms.Logs, guard: rooms.Guard, audit: rooms.Audit,
		exchanges:   exchange.NewAdapter(cfg.Exchange, log),
		invocations: admission.NewGate(cfg.Invocations),
		uploads:     make(chan struct{}, uploadsMax),
	}
}
