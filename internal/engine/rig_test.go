package engine_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/admission"
	"heddle/internal/definition"
	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/store"
	"heddle/internal/store/memory"
)

const project = "p1"

// rig is an engine on a memory store, in a synctest bubble.
type rig struct {
	t     *testing.T
	store *memory.Store
	fault atomic.Pointer[commitFault] // what happens to commits; nil for nothing
	away  atomic.Bool                 // every call is refused
	stall atomic.Int64                // how many nanoseconds a commit takes to begin
	calls *functions
	cfg   engine.Config

	*engine.Engine
	stop context.CancelFunc
	done chan error
}

// inBubble runs a test with virtual time.
func inBubble(t *testing.T, test func(r *rig)) {
	t.Helper()
	inBubbleWith(t, func(*engine.Config) {}, test)
}

// inBubbleWith runs a test with another configuration, and after it, once the
// engine has stopped, what is to be looked at then.
func inBubbleWith(t *testing.T, change func(*engine.Config), test func(r *rig), after ...func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.cfg = engine.Config{
			Region: "local", Node: "n1", LeaseDuration: 30 * time.Second, DrainDuration: 5 * time.Second,
			Machine: machine.Limits{Visits: 1000, Elements: 100, ElementsAtOnce: 10, ResultBytes: 1 << 18},
			Open:    admission.Room{Max: 1000, Share: 1000}, Starts: admission.Room{Max: 1000, Share: 1000}, StartWait: time.Second,
			Calls: admission.Limits{All: 100, Project: 100, Lane: 100},
		}
		change(&r.cfg)
		r.run()
		test(r)
		if r.stop != nil {
			if err := r.halt(); err != nil {
				t.Errorf("the engine ended with %v", err)
			}
		}
		for _, look := range after {
			look(r)
		}
	})
}

// commitFault makes commits fail, before they have done anything or after.
type commitFault struct{ before, after error }

func newRig(t *testing.T) *rig {
	r := &rig{t: t, store: memory.New(1), calls: &functions{}}
	failCommit := func(which func(*commitFault) error) func(string) error {
		return func(method string) error {
			if method == "Commit" {
				time.Sleep(time.Duration(r.stall.Load()))
			}
			if f := r.fault.Load(); f != nil && method == "Commit" {
				return which(f)
			}
			return nil
		}
	}
	before := failCommit(func(f *commitFault) error { return f.before })
	r.store.Faults = memory.Faults{
		Before: func(method string) error {
			if r.away.Load() {
				return store.ErrUnavailable
			}
			return before(method)
		},
		After: failCommit(func(f *commitFault) error { return f.after }),
	}
	return r
}

// run starts a new engine on the store, as after a crash or an orderly stop.
func (r *rig) run() {
	ctx, stop := context.WithCancel(context.Background())
	r.Engine = engine.New(r.cfg, r.store, r.calls, slog.New(slog.DiscardHandler))
	r.stop, r.done = stop, make(chan error, 1)
	e, done := r.Engine, r.done
	go func() { done <- e.Run(ctx) }()
	synctest.Wait()
}

// halt stops the engine in order and returns what Run returned.
func (r *rig) halt() error {
	r.stop()
	r.stop = nil
	return <-r.done
}

func (r *rig) create(name, text string) {
	r.t.Helper()
	if _, err := r.CreateGraph(context.Background(), project, name, "", parsed(r.t, text)); err != nil {
		r.t.Fatal(err)
	}
}

func parsed(t *testing.T, text string) *definition.Definition {
	t.Helper()
	d, problems := definition.Parse(text)
	if len(problems) > 0 {
		t.Fatalf("definition: %v", problems)
	}
	return d
}

// start starts an execution of the graph "g" and returns its key.
func (r *rig) start(input string) store.Key {
	r.t.Helper()
	started, err := r.Start(context.Background(), engine.StartRequest{Project: project, Graph: "g", Name: "x", Input: input})
	if err != nil {
		r.t.Fatal(err)
	}
	return r.key(started)
}

func (r *rig) key(started engine.Started) store.Key {
	r.t.Helper()
	g, err := r.store.GraphByName(context.Background(), project, started.URN.Graph)
	if err != nil {
		r.t.Fatal(err)
	}
	key := store.Key{Graph: g.ID}
	if _, err := fmt.Sscanf(started.URN.ID, "%32x", (*hex)(&key.ID)); err != nil {
		r.t.Fatal(err)
	}
	return key
}

// hex lets fmt scan an execution's id.
type hex store.ExecutionID

func (h *hex) Scan(state fmt.ScanState, verb rune) error {
	var bytes []byte
	if _, err := fmt.Fscanf(state, "%32x", &bytes); err != nil {
		return err
	}
	copy(h[:], bytes)
	return nil
}

// records returns an execution's journal.
func (r *rig) records(key store.Key) []journal.Record {
	r.t.Helper()
	_, rows, err := r.store.Load(context.Background(), key)
	if err != nil {
		r.t.Fatal(err)
	}
	var codec journal.Codec
	var all []journal.Record
	for _, row := range rows {
		records, err := codec.Decode(row)
		if err != nil {
			r.t.Fatal(err)
		}
		all = append(all, records...)
	}
	return all
}

// end returns the record with which an execution ended, or fails.
func (r *rig) end(key store.Key) journal.ExecutionEnded {
	r.t.Helper()
	records := r.records(key)
	end, ok := records[len(records)-1].(journal.ExecutionEnded)
	if !ok {
		r.t.Fatalf("the execution has not ended; its last record is %#v", records[len(records)-1])
	}
	return end
}

// functions answers calls as tests say, and remembers them.
type functions struct {
	mu     sync.Mutex
	made   []engine.Call // guarded by mu
	cutOff int           // calls whose context ended; guarded by mu

	// answer is what a call returns; nil echoes the input.
	answer func(ctx context.Context, c engine.Call) engine.Result
}

func (f *functions) Invoke(ctx context.Context, c engine.Call) engine.Result {
	f.mu.Lock()
	f.made = append(f.made, c)
	f.mu.Unlock()
	result := engine.Result{Output: c.Input}
	if f.answer != nil {
		result = f.answer(ctx, c)
	}
	if ctx.Err() != nil {
		f.mu.Lock()
		f.cutOff++
		f.mu.Unlock()
	}
	return result
}

func (f *functions) CallsMax(string, string) int { return 0 }

// ids returns the invocation ids of all calls so far, in the order of the calls.
func (f *functions) ids() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ids []string
	for _, c := range f.made {
		ids = append(ids, c.InvocationID)
	}
	return ids
}

// hang never answers.
func hang(ctx context.Context, _ engine.Call) engine.Result {
	<-ctx.Done()
	return engine.Result{}
}

// slow echoes after a time.
func slow(d time.Duration) func(context.Context, engine.Call) engine.Result {
	return func(ctx context.Context, c engine.Call) engine.Result {
		select {
		case <-time.After(d):
			return engine.Result{Output: c.Input}
		case <-ctx.Done():
			return engine.Result{}
		}
	}
}

// unique reports whether no id occurs twice.
func unique(ids []string) bool {
	sorted := slices.Sorted(slices.Values(ids))
	return len(slices.Compact(sorted)) == len(ids)
}
