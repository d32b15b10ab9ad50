package intake_test

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"slices"
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

var timersFlag = flag.Int("timers", 1_000, "how `many` timers are due at once")

// TestManyTimersAreDueAtOnce has very many timers fire at one moment, on a disk:
// each fires once, and other executions are started meanwhile.
func TestManyTimersAreDueAtOnce(t *testing.T) {
	t.Parallel()
	st, err := sqlite.Open(t.Context(), sqlite.Config{Dir: t.TempDir()}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	room := admission.Room{Max: 384, Share: 288}
	e := engine.New(engine.Config{
		Region: "local", Node: "n1", LeaseDuration: time.Minute, DrainDuration: time.Second,
		Machine: machine.Limits{Visits: 1000, Elements: 100, ElementsAtOnce: 10, ResultBytes: 1 << 18},
		Open:    room, Starts: room, StartWait: time.Second,
		Calls: admission.Limits{All: 100, Project: 100, Lane: 100},
	}, st, nobody{}, quiet)
	timers := intake.NewTimers("local", st, e, quiet)
	ctx, stop := context.WithCancel(t.Context())
	working, stopWork := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(working) }()
	defer func() {
		stopWork()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	for e.Ready() != nil {
		runtime.Gosched()
	}

	d, _ := definition.Parse(pass)
	due := now() + 1
	var graphs []store.GraphID
	for i := range (*timersFlag + 4) / 5 {
		g, err := e.CreateGraph(ctx, project, fmt.Sprintf("g%d", i), "", d)
		if err != nil {
			t.Fatal(err)
		}
		graphs = append(graphs, g.ID)
	}
	for i := range *timersFlag {
		_, err := st.CreateTimer(ctx, store.Timer{
			Graph: graphs[i/5], Name: fmt.Sprintf("t%d", i%5), Expression: "0 0 1 1 ?", Zone: "UTC", Misfire: "once", Next: due,
		}, 5)
		if err != nil {
			t.Fatal(err)
		}
	}

	begun := time.Now()
	firing := make(chan error, 1)
	go func() { firing <- timers.Run(ctx) }()
	var others []time.Duration
	for {
		next, err := st.NextTimer(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if next > now() {
			break
		}
		asked := time.Now()
		if _, err := e.Start(ctx, engine.StartRequest{Project: project, Graph: "g0", Name: "x", Input: "1"}); err != nil {
			t.Errorf("while timers fire: %v", err)
		}
		others = append(others, time.Since(asked))
	}
	took := time.Since(begun)
	stop()
	if err := <-firing; err != nil {
		t.Error(err)
	}
	if len(others) == 0 {
		t.Fatal("nothing else was started while they fired")
	}
	slices.Sort(others)
	t.Logf("%d timers fired in %v; %d other starts meanwhile took %v in the median and %v at the 99th of 100",
		*timersFlag, took, len(others), others[len(others)/2], others[len(others)*99/100])

	fired := int64(-len(others))
	for _, id := range graphs {
		g, err := st.GraphByID(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		fired += g.Executions
	}
	if fired != int64(*timersFlag) {
		t.Errorf("%d executions were started for %d fire times", fired, *timersFlag)
	}
}
