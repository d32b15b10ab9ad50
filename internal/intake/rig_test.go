package intake_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/admission"
	"heddle/internal/definition"
	"heddle/internal/engine"
	"heddle/internal/intake"
	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/store"
	"heddle/internal/store/memory"
	"heddle/internal/urn"
)

const (
	project = "p1"
	pass    = `{"states":{"a":{"type":"NOOP","start":true,"next-state":"end"},"end":{"type":"END"}}}`
)

var (
	background = context.Background()
	quiet      = slog.New(slog.DiscardHandler)
)

// rig is an engine with timers on a memory store, in a synctest bubble, where the
// time begins at midnight of 2000-01-01.
type rig struct {
	t      *testing.T
	store  *memory.Store
	fault  atomic.Pointer[fault] // what happens to commits; nil for nothing
	engine *engine.Engine
	starts atomic.Pointer[starter] // instead of the engine's, if set
	*intake.Timers

	stop context.CancelFunc
	done chan error
}

// starter starts executions.
type starter func(context.Context, engine.StartRequest) (engine.Started, error)

// fault makes commits fail, before they have done anything or after.
type fault struct{ before, after error }

// inBubble runs a test with virtual time.
func inBubble(t *testing.T, test func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, store: memory.New(1)}
		failCommit := func(which func(*fault) error) func(string) error {
			return func(method string) error {
				if f := r.fault.Load(); f != nil && method == "Commit" {
					return which(f)
				}
				return nil
			}
		}
		r.store.Faults = memory.Faults{
			Before: failCommit(func(f *fault) error { return f.before }),
			After:  failCommit(func(f *fault) error { return f.after }),
		}
		r.run()
		test(r)
		if r.stop != nil {
			if err := r.halt(); err != nil {
				t.Errorf("it ended with %v", err)
			}
		}
	})
}

// Start is the engine's, unless the test has another one.
func (r *rig) Start(ctx context.Context, req engine.StartRequest) (engine.Started, error) {
	if starts := r.starts.Load(); starts != nil {
		return (*starts)(ctx, req)
	}
	return r.engine.Start(ctx, req)
}

// startBy has executions started by another than the engine, or by the engine (nil).
func (r *rig) startBy(s starter) {
	if s == nil {
		r.starts.Store(nil)
		return
	}
	r.starts.Store(&s)
}

// nobody calls functions.
type nobody struct{}

func (nobody) Invoke(context.Context, engine.Call) engine.Result { return engine.Result{} }

func (nobody) CallsMax(string, string) int { return 0 }

// run starts an engine and timers on the store, as after a crash or a stop. The
// timers end first, as in a server.
func (r *rig) run() {
	ctx, stop := context.WithCancel(background)
	working, stopWork := context.WithCancel(background)
	log := quiet
	e := engine.New(engine.Config{
		Region: "local", Node: "n1", LeaseDuration: time.Hour, DrainDuration: 5 * time.Second,
		Machine:   machine.Limits{Visits: 1000, Elements: 100, ElementsAtOnce: 10, ResultBytes: 1 << 18},
		Open:      admission.Room{Max: 1000, Share: 1000},
		Starts:    admission.Room{Max: 1000, Share: 1000},
		StartWait: time.Second,
		Calls:     admission.Limits{All: 100, Project: 100, Lane: 100},
	}, r.store, nobody{}, log)
	r.engine = e
	r.Timers = intake.NewTimers("local", r.store, r, log)
	timers, running, done := r.Timers, make(chan error, 1), make(chan error, 1)
	r.stop, r.done = stop, done
	go func() { running <- e.Run(working) }()
	synctest.Wait()
	go func() {
		err := timers.Run(ctx)
		stopWork()
		if failed := <-running; err == nil {
			err = failed
		}
		done <- err
	}()
	synctest.Wait()
}

// halt stops both and returns what they ended with.
func (r *rig) halt() error {
	r.stop()
	r.stop = nil
	return <-r.done
}

// sleep lets time pass, and what is due then be done.
func (r *rig) sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// until sleeps up to a moment of the bubble's first day.
func (r *rig) until(clock string) {
	r.t.Helper()
	r.sleep(time.Until(at("2000-01-01T" + clock + "Z")))
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

// graph makes a graph.
func (r *rig) graph(name string) store.GraphID {
	r.t.Helper()
	d, problems := definition.Parse(pass)
	if len(problems) > 0 {
		r.t.Fatal(problems)
	}
	g, err := r.engine.CreateGraph(background, project, name, "", d)
	if err != nil {
		r.t.Fatal(err)
	}
	return g.ID
}

// timer makes a timer of the graph "g" that is stopped. The schedule is an
// expression, or a rate such as "5 minute".
func (r *rig) timer(name, schedule, misfire string) urn.Timer {
	r.t.Helper()
	g, err := r.store.GraphByName(background, project, "g")
	if err != nil {
		g.ID = r.graph("g")
	}
	t := store.Timer{Graph: g.ID, Name: name, Zone: "UTC", Misfire: misfire, CreatedAt: now()}
	if _, err := fmt.Sscanf(schedule, "%d %s", &t.Interval, &t.Unit); err != nil || strings.Count(schedule, " ") > 1 {
		t.Expression, t.Interval, t.Unit = schedule, 0, ""
	}
	if _, err := r.store.CreateTimer(background, t, 5); err != nil {
		r.t.Fatal(err)
	}
	return urn.Timer{Region: "local", Project: project, Graph: "g", Name: name}
}

// started makes a timer and starts it.
func (r *rig) started(name, schedule, misfire string) urn.Timer {
	r.t.Helper()
	u := r.timer(name, schedule, misfire)
	if _, err := r.Timers.Start(background, u); err != nil {
		r.t.Fatal(err)
	}
	synctest.Wait()
	return u
}

func now() journal.Millis { return journal.Millis(time.Now().UnixMilli()) }

// fired returns the times of day for which the graph "g" has executions, in the
// order of their starts.
func (r *rig) fired() string {
	r.t.Helper()
	g, err := r.store.GraphByName(background, project, "g")
	if err != nil {
		r.t.Fatal(err)
	}
	heads, _, err := r.store.ListExecutions(background, store.ExecutionFilter{Graph: g.ID}, store.Page{Limit: 100_000, Ascending: true})
	if err != nil {
		r.t.Fatal(err)
	}
	var times []string
	for _, h := range heads {
		name := h.Name[strings.LastIndex(h.Name, "T")+1:]
		times = append(times, name[:2]+":"+name[2:4])
	}
	return strings.Join(times, " ")
}

func (r *rig) wantFired(want string) {
	r.t.Helper()
	if got := r.fired(); got != want {
		r.t.Errorf("fired at %s, want %s", got, want)
	}
}

// stored returns a timer as it is stored.
func (r *rig) stored(u urn.Timer) store.Timer {
	r.t.Helper()
	t, err := r.store.TimerByName(background, u.Project, u.Graph, u.Name)
	if err != nil {
		r.t.Fatal(err)
	}
	return t
}
