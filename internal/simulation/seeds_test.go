package simulation_test

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"heddle/internal/journal"
)

// executions is how many a run has, unless said otherwise.
const executions = 8

var (
	seedsFlag      = flag.Uint64("seeds", 500, "how many `seeds` to run")
	fromFlag       = flag.Uint64("from", 0, "the first of them")
	seedFlag       = flag.Int64("seed", -1, "run this seed only, and print what happens")
	executionsFlag = flag.Int("executions", executions, "of a run")
	faultsFlag     = flag.String("faults", "all", "the numbers of the faults that happen, of those that are drawn: `3,17`, all or none")
)

// TestSeeds runs many seeds, or replays one.
func TestSeeds(t *testing.T) {
	t.Parallel()
	if *seedFlag >= 0 {
		p := plan{seed: uint64(*seedFlag), executions: *executionsFlag, only: faultsFrom(t, *faultsFlag), log: os.Stdout}
		if r := run(p); r.failure != "" {
			t.Error(r.failure)
		}
		return
	}
	var next atomic.Uint64
	var failed atomic.Bool
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for !failed.Load() {
				i := next.Add(1) - 1
				if i >= *seedsFlag {
					return
				}
				p := plan{seed: *fromFlag + i, executions: *executionsFlag}
				if r := run(p); r.failure != "" {
					failed.Store(true)
					p = shrink(p, r)
					t.Errorf("%s\nreplay: %s", run(p).failure, replay(p))
				}
			}
		})
	}
	workers.Wait()
}

// replay returns the line that runs a plan again.
func replay(p plan) string {
	list := "all"
	if p.only != nil {
		list = "none"
		if len(p.only) > 0 {
			var numbers []string
			for _, n := range numbersOf(p.only) {
				numbers = append(numbers, strconv.Itoa(n))
			}
			list = strings.Join(numbers, ",")
		}
	}
	return fmt.Sprintf("go test ./internal/simulation -run TestSeeds -seed %d -executions %d -faults %s", p.seed, p.executions, list)
}

func faultsFrom(t *testing.T, list string) map[int]bool {
	if list == "all" {
		return nil
	}
	only := map[int]bool{}
	for text := range strings.SplitSeq(strings.TrimPrefix(list, "none"), ",") {
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("-faults %s: %v", list, err)
		}
		only[n] = true
	}
	return only
}

func numbersOf(set map[int]bool) []int {
	var numbers []int
	for n := range set {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	return numbers
}

// TestRunsAreEqual holds the simulation to its promise: one seed, one run.
func TestRunsAreEqual(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		p := plan{seed: seed, executions: executions}
		first, second := run(p), run(p)
		if first != second {
			t.Errorf("seed %d: got %+v, then %+v", seed, first, second)
		}
	}
}

// TestRunsAreHurt holds the simulation to its purpose: every kind of fault
// happens, and executions end in every way.
func TestRunsAreHurt(t *testing.T) {
	t.Parallel()
	var happened [faults]int
	ends := map[journal.Status]int{}
	deferred, reported := 0, 0
	fired := map[string]int{} // by what becomes of missed fire times
	messages := map[string]int{}
	var events, received, answers int
	for seed := range uint64(200) {
		s := simulate(plan{seed: seed, executions: executions})
		for _, t := range s.timers {
			fired[t.row.Misfire] += len(t.fired)
		}
		for f, n := range s.happened {
			happened[f] += n
		}
		for _, h := range s.ghost.byKey {
			ends[h.status]++
			received += len(h.received)
			answers += len(h.answers)
		}
		events += len(s.ghost.events)
		for _, m := range s.world.messages {
			messages[m.answer]++
		}
		deferred, reported = deferred+s.calls.deferred, reported+s.calls.reported
	}
	if reported < 100 || deferred-reported < 100 {
		t.Errorf("in 200 runs %d results came later, and %d of them in time", deferred, reported)
	}
	for f, n := range happened {
		if n < 10 {
			t.Errorf("in 200 runs %q happened %d times", faultNames[f], n)
		}
	}
	for _, misfire := range []string{"skip", "once", "all"} {
		if fired[misfire] < 200 {
			t.Errorf("in 200 runs timers fired %v", fired)
		}
	}
	for _, status := range []journal.Status{journal.Success, journal.Failed, journal.Aborted} {
		if ends[status] < 50 {
			t.Errorf("in 200 runs executions ended %v", ends)
		}
	}
	for _, answer := range []string{"taken", "refused", "unknown"} {
		if messages[answer] < 20 {
			t.Errorf("in 200 runs messages were %v", messages)
		}
	}
	if events < 1_000 || received < 500 || answers < 100 || ends[journal.Timeout] < 10 {
		t.Errorf("in 200 runs %d events were accepted, %d received, %d answered, and %d executions timed out", events, received, answers, ends[journal.Timeout])
	}
}

// TestEveryCommit lets each commit of some runs, one at a time, meet each fate.
func TestEveryCommit(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		for _, kind := range []storeKind{stops, goesOn} {
			p := plan{seed: seed, executions: 2, kind: kind, forced: map[int]fate{}}
			for at := range run(p).commits {
				for _, f := range fates {
					p.forced = map[int]fate{at + 1: f}
					if r := run(p); r.failure != "" {
						t.Errorf("seed %d, store %d, commit %d, %s: %s", seed, kind, at+1, faultNames[f], r.failure)
					}
				}
			}
		}
	}
}
