package intake_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/engine"
	"heddle/internal/intake"
	"heddle/internal/journal"
	"heddle/internal/store"
)

func want(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

// What an execution of a timer is called and given.
func TestAFireTimeStartsAnExecution(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		u := r.started("Timer_1", "30 7 * * ?", "once")
		r.until("07:29:59")
		r.wantFired("")
		r.until("07:30:00")
		heads, _, err := r.store.ListExecutions(background, store.ExecutionFilter{Graph: r.stored(u).Graph}, store.Page{Limit: 10})
		if err != nil || len(heads) != 1 {
			t.Fatalf("%d executions, %v", len(heads), err)
		}
		if got, want := heads[0].Name, "gTimer_1-20000101T073000Z"; got != want {
			t.Errorf("it is called %s, want %s", got, want)
		}
		_, rows, err := r.store.Load(background, heads[0].Key)
		if err != nil {
			t.Fatal(err)
		}
		var codec journal.Codec
		records, err := codec.Decode(rows[0])
		if err != nil {
			t.Fatal(err)
		}
		const event = `{"version":"v1.0","time":"2000-01-01T07:30:00Z","trigger_type":"TIMER","trigger_name":"Timer_1","user_event":""}`
		if started, ok := records[0].(journal.ExecutionStarted); !ok || started.Input != event {
			t.Errorf("got %+v, want the input %s", records[0], event)
		}
		if heads[0].Status != journal.Success {
			t.Errorf("it is %s", heads[0].Status)
		}
	})
}

func TestALongNameKeepsTimerAndTime(t *testing.T) {
	t.Parallel()
	graph, timer := strings.Repeat("g", 64), strings.Repeat("t", 32)
	f, err := intake.Plan(store.Timer{Name: timer, GraphName: graph, Expression: "* * * * ?", Zone: "UTC", Misfire: "once", Next: 60_000}, 60_000)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := f.Start.Name, graph[:31]+timer+"-19700101T000100Z"; got != want || len(got) != 80 {
		t.Errorf("got %s, %d characters, want %s", got, len(got), want)
	}
}

// A rate fires when it is started, and then each time after that.
func TestARateCountsFromItsStart(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		u := r.timer("t", "5 minute", "once")
		r.until("01:02:30")
		if started, err := r.Timers.Start(background, u); err != nil || started.StartedAt != now() {
			t.Fatalf("started at %d, %v", started.StartedAt, err)
		}
		synctest.Wait()
		r.wantFired("01:02")
		r.until("01:12:29")
		r.wantFired("01:02 01:07")
		r.until("01:12:30")
		r.wantFired("01:02 01:07 01:12")
		if _, err := r.Timers.Stop(background, u); err != nil {
			t.Fatal(err)
		}
		r.until("02:00:45")
		r.wantFired("01:02 01:07 01:12")
		if _, err := r.Timers.Start(background, u); err != nil {
			t.Fatal(err)
		}
		r.until("02:05:45")
		r.wantFired("01:02 01:07 01:12 02:00 02:05")
	})
}

func TestStartedAndStopped(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		u := r.timer("t", "0 * * * ?", "once")
		_, err := r.Timers.Stop(background, u)
		want(t, err, intake.ErrTimerStopped)
		r.until("03:30:00") // nothing fires while it is stopped
		if _, err := r.Timers.Start(background, u); err != nil {
			t.Fatal(err)
		}
		_, err = r.Timers.Start(background, u)
		want(t, err, intake.ErrTimerStarted)
		_, err = r.Timers.Update(background, u, func(*store.Timer) error { return nil })
		want(t, err, intake.ErrTimerStarted)
		r.until("05:00:00")
		r.wantFired("04:00 05:00")
		if at, err := r.Timers.Stop(background, u); err != nil || at != now() {
			t.Errorf("stopped at %d, %v", at, err)
		}
		changed, err := r.Timers.Update(background, u, func(t *store.Timer) error { t.Expression = "20 * * * ?"; return nil })
		if err != nil || changed.ModifiedAt != now() {
			t.Errorf("got %+v, %v", changed, err)
		}
		r.until("07:10:00") // and what would have fired is not made up for
		if _, err := r.Timers.Start(background, u); err != nil {
			t.Fatal(err)
		}
		r.until("07:59:00")
		r.wantFired("04:00 05:00 07:20")
		refused := errors.New("refused")
		_, err = r.Timers.Stop(background, u)
		want(t, err, nil)
		_, err = r.Timers.Update(background, u, func(*store.Timer) error { return refused })
		want(t, err, refused)
		u.Name = "other"
		_, err = r.Timers.Start(background, u)
		want(t, err, store.ErrNotFound)
	})
}

func TestTheLastFireTimeStopsATimer(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		u := r.started("t", "0 6 1 1 ? 2000", "once")
		r.until("06:00:00")
		r.wantFired("06:00")
		if next := r.stored(u).Next; next != 0 {
			t.Errorf("it fires next at %d", next)
		}
		_, err := r.Timers.Start(background, u)
		want(t, err, intake.ErrTimerOver)
		_, err = r.Timers.Stop(background, u)
		want(t, err, intake.ErrTimerStopped)
	})
}

// The zone is the timer's: from 02:00 to 03:00 on 26 March 2000, Berlin had no
// time.
func TestATimerHasAZone(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		u := r.timer("t", "30 2 * * ?", "once")
		if _, err := r.Update(background, u, func(t *store.Timer) error { t.Zone = "Europe/Berlin"; return nil }); err != nil {
			t.Fatal(err)
		}
		r.sleep(time.Until(at("2000-03-25T00:00:00Z")))
		if _, err := r.Timers.Start(background, u); err != nil {
			t.Fatal(err)
		}
		r.sleep(49 * time.Hour)
		r.wantFired("01:30 00:30") // the latter in summer time, two days later
	})
}

// What becomes of the fire times that passed while nothing ran.
func TestMissedFireTimes(t *testing.T) {
	t.Parallel()
	for misfire, want := range map[string]string{
		"skip": "01:00 05:00",
		"once": "01:00 04:00 05:00",
		"all":  "01:00 02:00 03:00 04:00 05:00",
	} {
		inBubble(t, func(r *rig) {
			r.started("t", "0 * * * ?", misfire)
			r.until("01:10:00")
			if err := r.halt(); err != nil {
				t.Fatal(err)
			}
			r.until("04:10:00")
			r.run()
			r.until("05:10:00")
			r.wantFired(want)
		})
	}
}

// A fire time whose execution may or may not have been started gets one.
func TestAStartInDoubt(t *testing.T) {
	t.Parallel()
	for _, f := range []fault{
		{before: store.ErrOutcomeUnknown}, {after: store.ErrOutcomeUnknown}, {before: store.ErrUnavailable},
	} {
		inBubble(t, func(r *rig) {
			u := r.started("t", "0 * * * ?", "all")
			r.until("00:59:00")
			r.fault.Store(&f)
			r.until("01:00:30")
			r.fault.Store(nil)
			r.until("02:00:00")
			r.wantFired("01:00 02:00")
			if got := r.stored(u).Fired; got != journal.Millis(at("2000-01-01T02:00:00Z").UnixMilli()) {
				t.Errorf("it fired last at %d", got)
			}
		})
	}
}

// A process that dies at a commit, which landed or not, leaves nothing that the
// next one does twice or not at all, however late that comes.
func TestACrashAtTheStart(t *testing.T) {
	t.Parallel()
	stopped := fmt.Errorf("%w: %w", store.ErrOutcomeUnknown, store.ErrStopped)
	for _, f := range []fault{{before: stopped}, {after: stopped}} {
		inBubble(t, func(r *rig) {
			r.started("t", "0 12 * * ?", "once")
			r.fault.Store(&f)
			r.until("12:00:00")
			if err := <-r.done; !errors.Is(err, store.ErrStopped) {
				t.Errorf("it ended with %v, want ErrStopped", err)
			}
			r.stop()
			r.fault.Store(nil)
			r.sleep(47 * time.Hour) // longer than idempotency keys are kept
			r.run()
			r.sleep(2 * time.Hour)
			want := "12:00 12:00" // of the day after the next, for the one in between, and in time
			if f.after != nil {
				want = "12:00 " + want
			}
			r.wantFired(want)
		})
	}
}

// Nodes that fire the timers of one store start one execution for each fire time.
func TestTwoNodesFireOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.started("a", "*/10 * * * ?", "once")
		r.started("b", "*/10 * * * ?", "once")
		other := intake.NewTimers("local", r.store, r, quiet)
		ctx, stop := context.WithCancel(background)
		done := make(chan error)
		go func() { done <- other.Run(ctx) }()
		r.until("01:00:00")
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if n := len(strings.Fields(r.fired())); n != 12 {
			t.Errorf("%d executions were started, want 12", n)
		}
	})
}

// An overload delays timers and loses none.
func TestRefusedStartsAreTriedAgain(t *testing.T) {
	t.Parallel()
	for _, refusal := range []error{engine.ErrOverloaded, engine.ErrShareUsed, engine.ErrDraining, store.ErrUnavailable} {
		inBubble(t, func(r *rig) {
			r.startBy(func(context.Context, engine.StartRequest) (engine.Started, error) {
				return engine.Started{}, refusal
			})
			r.started("a", "0 * * * ?", "once")
			r.started("b", "0 1 * * ?", "once")
			r.until("01:00:10")
			r.wantFired("")
			r.startBy(nil)
			r.until("01:00:13")
			r.wantFired("01:00 01:00")
		})
	}
}

// One timer's fault does not keep the others from firing. It is tried again after a
// minute, and at once when the timer is changed.
func TestAFaultSetsOneTimerAside(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		tries := 0
		bad := r.started("bad", "0 * * * ?", "once")
		broken := r.started("broken", "1 * * * ?", "once")
		r.started("good", "2 * * * ?", "once")
		r.startBy(func(ctx context.Context, req engine.StartRequest) (engine.Started, error) {
			if strings.HasPrefix(req.Name, "gbad") {
				tries++
				return engine.Started{}, errors.New("a fault")
			}
			return r.engine.Start(ctx, req)
		})
		t := r.stored(broken)
		t.Expression = "no expression"
		if err := r.store.ChangeTimer(background, t); err != nil {
			r.t.Fatal(err)
		}
		r.until("01:02:30")
		r.wantFired("00:02 01:02")
		if tries != 3 { // at 01:00, 01:01 and 01:02
			r.t.Errorf("the bad one was tried %d times in three minutes", tries)
		}
		t = r.stored(broken)
		t.Expression = "1 * * * ?"
		if err := r.store.ChangeTimer(background, t); err != nil {
			r.t.Fatal(err)
		}
		r.until("01:02:45")
		r.wantFired("00:02 01:02 01:01")

		r.startBy(nil)
		r.until("01:03:30")
		r.wantFired("00:02 01:02 01:01 01:00")
		if _, err := r.Timers.Stop(background, bad); err != nil {
			r.t.Fatal(err)
		}
	})
}

// Timers that are due together start so many at a time that others are not kept
// waiting.
func TestStartsAreBounded(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		const graphs = 100
		var mu sync.Mutex
		inFlight, most, all := 0, 0, 0
		r.startBy(func(ctx context.Context, req engine.StartRequest) (engine.Started, error) {
			mu.Lock()
			inFlight++
			all++
			most = max(most, inFlight)
			mu.Unlock()
			time.Sleep(time.Millisecond)
			mu.Lock()
			inFlight--
			mu.Unlock()
			return r.engine.Start(ctx, req)
		})
		for i := range graphs {
			id := r.graph(fmt.Sprintf("g%d", i))
			for k := range 5 {
				if _, err := r.store.CreateTimer(background, store.Timer{
					Graph: id, Name: fmt.Sprint(k), Expression: "0 1 * * ?", Zone: "UTC", Misfire: "once", Next: now() + 3_600_000,
				}, 5); err != nil {
					r.t.Fatal(err)
				}
			}
		}
		r.until("01:30:00")
		if all != 5*graphs || most > 64 || most < 2 {
			r.t.Errorf("%d were started, up to %d at a time", all, most)
		}
	})
}

// A graph that is deleted takes its timers along, also where they are firing.
func TestADeletedGraphFiresNoMore(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		u := r.started("t", "0 * * * ?", "once")
		r.startBy(func(ctx context.Context, req engine.StartRequest) (engine.Started, error) {
			if err := r.engine.DeleteGraph(ctx, project, "g"); err != nil {
				r.t.Error(err)
			}
			r.graph("g") // another one of its name
			return r.engine.Start(ctx, req)
		})
		r.until("01:00:00")
		r.startBy(nil)
		r.until("03:00:00")
		r.wantFired("")
		_, err := r.Timers.Start(background, u)
		want(t, err, store.ErrNotFound)
	})
}

// A timer that fires while it is being stopped is stopped.
func TestStopMeetsAFiring(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		u := r.started("t", "0 * * * ?", "once")
		raced := false
		r.store.Faults.Before = func(method string) error {
			if method == "ChangeTimer" && !raced {
				raced = true
				timer := r.stored(u)
				r.store.SkipTimers(background, []store.Tick{{Timer: timer.ID, Revision: timer.Revision, Next: timer.Next + 1}})
			}
			return nil
		}
		if _, err := r.Timers.Stop(background, u); err != nil || !raced {
			t.Errorf("raced %v, %v", raced, err)
		}
		if r.stored(u).Next != 0 {
			t.Error("it is still started")
		}
		r.store.Faults.Before = nil
	})
}

// Where the clock was set back, a fire time that has had its execution is not
// fired for again; unless the clock was far ahead, and fired for what had not come.
func TestAFireTimeIsNotFiredForAgain(t *testing.T) {
	t.Parallel()
	for fired, want := range map[string]string{
		"2000-01-01T02:00:00Z": "03:00",
		"2000-01-02T00:00:00Z": "",
		"2000-01-02T00:00:01Z": "01:00 02:00 03:00",
	} {
		inBubble(t, func(r *rig) {
			u := r.timer("t", "0 * * * ?", "once")
			timer := r.stored(u)
			timer.Fired = journal.Millis(at(fired).UnixMilli())
			if err := r.store.ChangeTimer(background, timer); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Timers.Start(background, u); err != nil {
				t.Fatal(err)
			}
			r.until("03:30:00")
			r.wantFired(want)
		})
	}
}
