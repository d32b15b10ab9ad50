package intake

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"heddle/internal/admission"
	"heddle/internal/store"
)

// EventsConfig says how much is taken in. All of it is above 0.
type EventsConfig struct {
	EventsMax int   // events that wait to be handed on; more are refused
	BytesMax  int64 // of their payloads
}

// EventsEngine is what events ask of the engine.
type EventsEngine interface {
	Engine
	Deliver(ctx context.Context, key store.Key, trigger string, events []store.Event) error
}

// EventsStore is where events are kept, and who they are for.
type EventsStore interface {
	store.Inbox
	store.Waiting
	ListMappings(ctx context.Context, f store.MappingFilter) ([]store.Mapping, error)
	TriggersOf(ctx context.Context, project, source, resource string) ([]store.Trigger, error)
}

// Events takes events in and hands them on: trigger by trigger, each trigger in a
// lane of its own, in the order in which they were accepted. So a flood of one
// trigger's events holds up no other's.
type Events struct {
	cfg    EventsConfig
	store  EventsStore
	engine EventsEngine
	log    *slog.Logger

	arrivals   chan *pending
	delivering *admission.Queue // of lanes that deliver
	starting   *admission.Queue // of lanes that start executions
	work       sync.WaitGroup   // the lanes, and what they have in the queues

	mu     sync.Mutex
	open   bool                      // between the beginning and the end of Run; guarded by mu
	lanes  map[store.TriggerID]*lane // those that have something to do; guarded by mu
	queued load                      // on the way to the disk; guarded by mu
	stored load                      // and not handed on; none if there is no lane; guarded by mu
}

// load is a number of events and of bytes of payloads.
type load struct {
	events int
	bytes  int64
}

func (l load) plus(m load) load  { return load{l.events + m.events, l.bytes + m.bytes} }
func (l load) minus(m load) load { return load{l.events - m.events, l.bytes - m.bytes} }

// NewEvents returns an intake of events that refuses them until Run.
func NewEvents(cfg EventsConfig, st EventsStore, e EventsEngine, log *slog.Logger) *Events {
	v := &Events{
		cfg: cfg, store: st, engine: e, log: log,
		arrivals: make(chan *pending, groupMax),
		lanes:    map[store.TriggerID]*lane{},
	}
	limits := admission.Limits{All: lanesAtWork, Project: lanesOfProject, Lane: 1}
	v.delivering, v.starting = admission.NewQueue(limits, v.begin), admission.NewQueue(limits, v.begin)
	return v
}

// begin runs something whose turn has come. It ends with the context of Run.
func (v *Events) begin(run func(context.Context)) context.CancelFunc {
	v.work.Go(func() { run(context.Background()) })
	return func() {}
}

// Run hands on what was left, and takes events until ctx ends. What is not
// handed on by then is, after the next start.
func (v *Events) Run(ctx context.Context) error {
	backlogs, err := v.backlogs(ctx)
	if err != nil {
		return fmt.Errorf("take events in: %w", err)
	}
	v.mu.Lock()
	v.open = true
	v.mu.Unlock()
	for _, b := range backlogs {
		v.log.Info("events are left to be handed on", "trigger", b.Trigger.URN, "count", b.Events)
		v.kick(ctx, b.Trigger, load{b.Events, b.Bytes})
	}
	v.accept(ctx)

	v.mu.Lock()
	v.open = false
	v.mu.Unlock()
	v.refuseQueued()
	v.work.Wait()
	return nil
}

// backlogs looks for what was left, as long as the store is unavailable.
func (v *Events) backlogs(ctx context.Context) ([]store.Backlog, error) {
	for wait := pauseMin; ; wait = min(2*wait, pauseMax) {
		backlogs, err := v.store.Backlogs(ctx)
		if err == nil || !passes(err) {
			return backlogs, err
		}
		v.log.Error("look for events that are left", "error", err)
		if !pause(ctx, wait) {
			return nil, nil
		}
	}
}

// How long something waits before it is tried again: from the first, doubling
// up to the second.
const (
	pauseMin = 50 * time.Millisecond
	pauseMax = 2 * time.Second
)

// pause waits, and reports whether ctx has not ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
