package api_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"heddle/internal/api"
	"heddle/internal/audit"
	"heddle/internal/callback"
	"heddle/internal/definition"
	"heddle/internal/engine"
	"heddle/internal/exchange"
	"heddle/internal/identity"
	"heddle/internal/journal"
	"heddle/internal/store"
	"heddle/internal/store/memory"
)

const (
	region  = "cn-north-1"
	project = "9800716a0c604a8690963103a85754f0"
	graphs  = "/v1.0/" + project + "/cloud_graphs"
)

// fakeEngine does what a test says. A method whose field is nil must not be called.
type fakeEngine struct {
	ready  func() error
	create func(name string) (store.Graph, error)
	update func(name string) (store.Graph, error)
	delete func(name string) error
	start  func(context.Context, engine.StartRequest) (engine.Started, error)
	stop   func(store.Key) (journal.Millis, error)

	report func(store.Key, engine.Attempt, engine.Result) error

	crowded func(project string) error // nil: never
	await   func(context.Context, store.Key, journal.Seq)
	send    func(engine.Event) error
	ask     func(engine.Event) (string, error)
	work    func(patience time.Duration) (engine.Task, error)
}

func (f fakeEngine) Ready() error { return f.ready() }

func (f fakeEngine) CreateGraph(_ context.Context, _, name, _ string, _ *definition.Definition) (store.Graph, error) {
	return f.create(name)
}

func (f fakeEngine) UpdateGraph(_ context.Context, _, name string, _ *definition.Definition) (store.Graph, error) {
	return f.update(name)
}

func (f fakeEngine) DeleteGraph(_ context.Context, _, name string) error { return f.delete(name) }

func (f fakeEngine) Start(ctx context.Context, req engine.StartRequest) (engine.Started, error) {
	return f.start(ctx, req)
}

func (f fakeEngine) Report(_ context.Context, key store.Key, a engine.Attempt, r engine.Result) error {
	return f.report(key, a, r)
}

func (f fakeEngine) Crowded(project string) error {
	if f.crowded == nil {
		return nil
	}
	return f.crowded(project)
}

func (f fakeEngine) Stop(_ context.Context, key store.Key) (journal.Millis, error) {
	return f.stop(key)
}

func (f fakeEngine) Send(_ context.Context, _ store.Key, event engine.Event) error {
	return f.send(event)
}

func (f fakeEngine) Ask(_ context.Context, _ store.Key, event engine.Event) (string, error) {
	return f.ask(event)
}

func (f fakeEngine) RequestWork(_ context.Context, _ store.Trigger, patience time.Duration) (engine.Task, error) {
	return f.work(patience)
}

func (f fakeEngine) Await(ctx context.Context, key store.Key, after journal.Seq) {
	f.await(ctx, key, after)
}

// fakeStore does what a test says. A method whose field is nil must not be called.
type fakeStore struct {
	store.Identities
	store.Triggers
	store.Mappings
	store.Timers
	store.Quotas

	graph      func(name string) (store.Graph, error)
	definition func(revision int) (store.Definition, error)
	load       func(store.Key) (store.Head, [][]byte, error)
	graphs     func(store.GraphFilter, store.Page) ([]store.Graph, int64, error)
	executions func(store.ExecutionFilter, store.Page) ([]store.Head, int64, error)
}

func (f fakeStore) Keys(context.Context) ([]store.AccessKey, error) { return nil, nil }

func (f fakeStore) GraphByName(_ context.Context, _, name string) (store.Graph, error) {
	return f.graph(name)
}

func (f fakeStore) Definition(_ context.Context, _ store.GraphID, revision int) (store.Definition, error) {
	return f.definition(revision)
}

func (f fakeStore) Load(_ context.Context, key store.Key) (store.Head, [][]byte, error) {
	return f.load(key)
}

func (f fakeStore) Quota(context.Context, string, store.Resource, int64) (store.Quota, error) {
	return store.Quota{}, nil
}

func (f fakeStore) AuditLog(context.Context, store.AuditFilter, store.AuditPage) ([]audit.Record, int64, error) {
	return nil, 0, nil
}

func (f fakeStore) ListGraphs(_ context.Context, filter store.GraphFilter, p store.Page) ([]store.Graph, int64, error) {
	return f.graphs(filter, p)
}

func (f fakeStore) ListExecutions(_ context.Context, filter store.ExecutionFilter, p store.Page) ([]store.Head, int64, error) {
	return f.executions(filter, p)
}

var config = api.Config{Region: region, BodyMax: 1 << 20, CallTimeout: 30 * time.Second, TimeZone: "UTC", Quotas: api.Quotas{Graphs: 512, Triggers: 5000}}

var quiet = slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelError + 1}))

// faked returns the handler of an API over fakes.
func faked(e fakeEngine, st api.Store) http.Handler {
	return api.New(config, api.Rooms{Engine: e, Callbacks: noCallbacks{}, Store: st, Guard: open{}, Audit: trail()}, quiet).Handler()
}

// trail returns an audit log that nobody reads.
func trail() *audit.Log { return audit.NewLog(memory.New(1), quiet) }

// noCallbacks knows no token.
type noCallbacks struct{}

func (noCallbacks) Read(string) (callback.Attempt, error) {
	return callback.Attempt{}, callback.ErrToken
}

// open lets everybody do everything.
type open struct{}

func (open) Admit(context.Context, *exchange.Exchange, int64, string, identity.Need) (identity.Caller, error) {
	return identity.Caller{}, nil
}
