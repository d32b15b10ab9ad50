package intake_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"heddle/internal/admission"
	"heddle/internal/definition"
	"heddle/internal/engine"
	"heddle/internal/intake"
	"heddle/internal/machine"
	"heddle/internal/store"
	"heddle/internal/store/sqlite"
)

// bench is an intake and an engine on an SQLite store.
type bench struct {
	*testing.B
	store  *sqlite.Store
	engine *engine.Engine
	intake *intake.Events
}

func newBench(b *testing.B) *bench {
	st, err := sqlite.Open(b.Context(), sqlite.Config{Dir: b.TempDir()}, quiet)
	if err != nil {
		b.Fatal(err)
	}
	r := &bench{B: b, store: st}
	r.engine = engine.New(engine.Config{
		Region: "local", Node: "n1", LeaseDuration: 30 * time.Second, DrainDuration: time.Second,
		Machine: machine.Limits{Visits: 1000, Elements: 10, ElementsAtOnce: 10, ResultBytes: 1 << 18},
		Open:    admission.Room{Max: 10_000, Share: 10_000}, Starts: admission.Room{Max: 1000, Share: 1000}, StartWait: time.Second,
		Calls: admission.Limits{All: 10, Project: 10, Lane: 10},
	}, st, nobody{}, quiet)
	r.intake = intake.NewEvents(intake.EventsConfig{EventsMax: 100_000, BytesMax: 1 << 30}, st, r.engine, quiet)
	ctx, cancel := context.WithCancel(background)
	var running sync.WaitGroup
	running.Go(func() { r.engine.Run(ctx) })
	running.Go(func() { r.intake.Run(ctx) })
	b.Cleanup(func() {
		cancel()
		running.Wait()
		st.Close()
	})
	for r.engine.Ready() != nil {
		time.Sleep(time.Millisecond)
	}
	return r
}

func (r *bench) trigger(name string) store.Trigger {
	t := store.Trigger{Project: project, URN: "urn:fgs:local:p1:trigger:SMN_topic_" + name, UUID: name}
	var err error
	if t.ID, err = r.store.CreateTrigger(r.Context(), t); err != nil {
		r.Fatal(err)
	}
	return t
}

func (r *bench) graph(name, text string) store.GraphID {
	d, _ := definition.Parse(text)
	g, err := r.engine.CreateGraph(r.Context(), project, name, "", d)
	if err != nil {
		r.Fatal(err)
	}
	return g.ID
}

// start starts n executions of a graph, 64 at a time.
func (r *bench) start(graph string, n int) {
	var clients sync.WaitGroup
	for range 64 {
		clients.Go(func() {
			for range n / 64 {
				if _, err := r.engine.Start(r.Context(), engine.StartRequest{Project: project, Graph: graph, Name: "x", Input: "{}"}); err != nil {
					r.Error(err)
				}
			}
		})
	}
	clients.Wait()
}

// ended waits until nobody waits for a trigger and nothing is left to hand on.
func (r *bench) ended(t store.Trigger) {
	for {
		waiters, err := r.store.Waiters(r.Context(), t.ID, nil, 1)
		if err != nil {
			r.Fatal(err)
		}
		backlogs, err := r.store.Backlogs(r.Context())
		if err != nil {
			r.Fatal(err)
		}
		if len(waiters)+len(backlogs) == 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// BenchmarkWake wakes 10,000 executions by one event, and starts others meanwhile.
func BenchmarkWake(b *testing.B) {
	const executions = 9_984
	r := newBench(b)
	one := r.trigger("one")
	r.graph("g", `{"event-defs":{"a":{"source":"`+one.URN+`"}},"states":{
		"one":{"type":"EVENT","start":true,"events":[{"event-expression":"a","next-state":"end"}]},"end":{"type":"END"}}}`)
	r.graph("pass", pass)
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		r.start("g", executions)
		b.StartTimer()
		begun := time.Now()
		if _, err := r.intake.Accept(r.Context(), arrival(fmt.Sprint(n), one)); err != nil {
			b.Fatal(err)
		}
		woken := make(chan struct{})
		go func() {
			r.ended(one)
			close(woken)
		}()
		var took []time.Duration
		for going := true; going; {
			begun := time.Now()
			r.engine.Start(r.Context(), engine.StartRequest{Project: project, Graph: "pass", Name: "x", Input: "{}"})
			took = append(took, time.Since(begun))
			select {
			case <-woken:
				going = false
			default:
			}
		}
		slices.Sort(took)
		b.ReportMetric(executions/time.Since(begun).Seconds(), "woken/s")
		b.ReportMetric(float64(took[len(took)/2].Microseconds()), "start-p50-us")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "start-p99-us")
	}
}

// BenchmarkStart starts executions of ten graphs by each event of a trigger.
func BenchmarkStart(b *testing.B) {
	const events, graphs = 1_000, 10
	r := newBench(b)
	one := r.trigger("one")
	for n := range graphs {
		id := r.graph(fmt.Sprint("g", n), pass)
		if err := r.store.CreateMapping(b.Context(), store.Mapping{Graph: id, Trigger: one.ID, Enabled: true}); err != nil {
			b.Fatal(err)
		}
	}
	n := 0
	for b.Loop() {
		begun := time.Now()
		var sources sync.WaitGroup
		for s := range 8 {
			sources.Go(func() {
				for e := range events / 8 {
					if _, err := r.intake.Accept(r.Context(), arrival(fmt.Sprint(n, "/", s, "/", e), one)); err != nil {
						b.Error(err)
					}
				}
			})
		}
		sources.Wait()
		b.ReportMetric(events/time.Since(begun).Seconds(), "accepted/s")
		r.ended(one)
		b.ReportMetric(events*graphs/time.Since(begun).Seconds(), "started/s")
		n++
	}
}
