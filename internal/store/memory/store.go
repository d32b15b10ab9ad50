// Package memory keeps a store in memory. It is for tests: small enough to be
// seen to be right, and able to fail on demand.
//
// It starts no goroutine, and what it returns depends on the calls alone and,
// for leases, on time.Now; so a simulation can drive it from one goroutine and
// a bubble of testing/synctest can hold it. What it has is what was committed:
// Clone is what a crash leaves. After ErrOutcomeUnknown it goes on, as a store
// does whose database is elsewhere.
//
// It knows nothing of what records mean.
package memory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"heddle/internal/audit"
	"heddle/internal/journal"
	"heddle/internal/store"
)

// Store is a store in memory. Its methods may be called from any goroutine.
type Store struct {
	// Faults fail calls on demand. They are changed only while no call is under way.
	Faults Faults

	mu     sync.Mutex
	shards int
	data   // guarded by mu
}

var _ store.Store = (*Store)(nil)

// Faults are asked for the error with which a call shall fail; nil functions
// let every call pass. They are given the name of the method.
type Faults struct {
	// Before fails a call that has changed nothing.
	Before func(method string) error
	// After fails a call that changes something and has done it.
	After func(method string) error
}

// data is what would be on the disk.
type data struct {
	lastGraph  store.GraphID
	graphs     map[store.GraphID]*graph
	executions map[store.Key]*execution
	keys       map[graphKey]idempotency
	leases     map[store.Shard]lease

	lastTrigger          store.TriggerID
	triggers             map[store.TriggerID]store.Trigger
	mappings             []store.Mapping // the oldest first
	lastFunction         store.FunctionID
	lastFunctionRevision store.FunctionRevision
	functions            map[store.FunctionID]*function
	code                 map[string][]byte // by its digest
	invocations          map[store.InvocationID]*invocation

	lastTimer store.TimerID
	timers    map[store.TimerID]store.Timer
	quotas    map[quotaKey]store.Quota // with a Limit of 0 until there is one
	inbox

	identities
	auditLog []audit.Record
}

type graph struct {
	store.Graph
	deleted     bool
	definitions []store.Definition // by revision, from 1
	refs        store.References   // of the last one
}

// execution is a head and the records of the turns that made it.
type execution struct {
	head    store.Head
	shard   store.Shard
	records [][]byte
	waits   map[store.TriggerID]int64 // Waiter.Since of each; never changed once made
}

type graphKey struct {
	graph store.GraphID
	text  string
}

// idempotency is a key that was used.
type idempotency struct {
	request   [32]byte
	expires   journal.Millis
	execution store.ExecutionID
}

// lease is the last one of a shard.
type lease struct {
	node     string
	epoch    store.Epoch
	expires  time.Time
	released bool
}

// New returns an empty store with the given number of shards.
func New(shards int) *Store {
	return &Store{shards: shards, data: data{
		graphs:     map[store.GraphID]*graph{},
		executions: map[store.Key]*execution{},
		keys:       map[graphKey]idempotency{},
		leases:     map[store.Shard]lease{},
		triggers:   map[store.TriggerID]store.Trigger{},

		functions:   map[store.FunctionID]*function{},
		code:        map[string][]byte{},
		invocations: map[store.InvocationID]*invocation{},

		timers:     map[store.TimerID]store.Timer{},
		quotas:     map[quotaKey]store.Quota{},
		inbox:      inbox{arrivals: map[[32]byte]journal.Millis{}},
		identities: newIdentities(),
	}}
}

// Clone returns a store of its own with what this one has, and without faults.
func (s *Store) Clone() *Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := New(s.shards)
	c.lastGraph = s.lastGraph
	for id, g := range s.graphs {
		copied := *g
		copied.definitions = slices.Clone(g.definitions)
		c.graphs[id] = &copied
	}
	for key, x := range s.executions {
		copied := *x
		copied.records = slices.Clone(x.records)
		c.executions[key] = &copied
	}
	maps.Copy(c.keys, s.keys)
	maps.Copy(c.leases, s.leases)
	c.lastTrigger, c.mappings = s.lastTrigger, slices.Clone(s.mappings)
	maps.Copy(c.triggers, s.triggers)
	c.lastEvent, c.events = s.lastEvent, slices.Clone(s.events)
	maps.Copy(c.arrivals, s.arrivals)
	s.copyFunctions(c)
	c.lastTimer = s.lastTimer
	maps.Copy(c.timers, s.timers)
	maps.Copy(c.quotas, s.quotas)
	c.identities = s.identities.clone()
	c.auditLog = slices.Clone(s.auditLog)
	return c
}

// Run does nothing: there is nothing to keep up.
func (s *Store) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Close does nothing: there is nothing to give up.
func (s *Store) Close() error { return nil }

// read does one reading call.
func (s *Store) read(ctx context.Context, method string, do func() error) error {
	if err := s.begin(ctx, method); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := do(); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
}

// write does one changing call. If do returns an error, it has changed nothing.
func (s *Store) write(ctx context.Context, method string, do func() error) error {
	if err := s.read(ctx, method, do); err != nil || s.Faults.After == nil {
		return err
	}
	if err := s.Faults.After(method); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
}

// begin returns why a call shall not be done, if so.
func (s *Store) begin(ctx context.Context, method string) error {
	err := ctx.Err()
	if err == nil && s.Faults.Before != nil {
		err = s.Faults.Before(method)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
}
