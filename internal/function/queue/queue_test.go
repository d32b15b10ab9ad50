package queue_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"heddle/internal/function"
	"heddle/internal/function/catalog"
	"heddle/internal/function/queue"
	"heddle/internal/journal"
	"heddle/internal/secret"
	"heddle/internal/store"
	"heddle/internal/store/memory"
)

const (
	project = "p"
	prefix  = "urn:fss:local:p:function:default:"
)

// call is an attempt that reached a function.
type call struct {
	function, id, event string
	attempt             int
	at                  time.Duration // since the rig was made
}

// rig is a queue on a store of its own, in a bubble.
type rig struct {
	*testing.T
	store  *memory.Store
	begun  time.Time
	cfg    queue.Config
	answer func(ctx context.Context, c call) function.Result // nil: succeeds at once

	mu    sync.Mutex
	calls []call // guarded by mu

	catalog *catalog.Catalog
	queue   *queue.Queue
	stop    func()
}

func (r *rig) Check(context.Context, function.Spec) error { return nil }

func (r *rig) Invoke(ctx context.Context, s function.Spec, req function.Request) function.Result {
	c := call{s.Name, req.InvocationID, req.Input, req.Attempt, time.Since(r.begun)}
	r.mu.Lock()
	r.calls = append(r.calls, c)
	r.mu.Unlock()
	if r.answer == nil {
		return function.Result{Output: "1"}
	}
	return r.answer(ctx, c)
}

func newRig(t *testing.T) *rig {
	r := &rig{T: t, store: memory.New(1), begun: time.Now(), cfg: queue.Config{Node: "node", RunningMax: 8, WaitingMax: 100, Keep: time.Hour}}
	registry, err := function.NewRegistry(function.Config{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.catalog = catalog.New("local", registry, r.store, secret.NewBox(filepath.Join(t.TempDir(), "key")), r, slog.New(slog.DiscardHandler))
	r.queue = queue.New(r.cfg, r.catalog, r.store, slog.New(slog.DiscardHandler))
	return r
}

// run runs the queue until stop, or the end of the test.
func (r *rig) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- r.queue.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			r.Errorf("Run: %v", err)
		}
	})
}

func (r *rig) create(name string) {
	r.Helper()
	_, err := r.catalog.Create(r.Context(), store.FunctionName{Project: project, Package: "default", Name: name}, catalog.Draft{
		Properties: catalog.Properties{Runtime: "Custom", Timeout: 10, CodeType: function.CodeInline}, Code: []byte("x"),
	})
	if err != nil {
		r.Fatal(err)
	}
}

func (r *rig) function(name string) catalog.Function {
	r.Helper()
	f, err := r.catalog.Function(r.Context(), store.FunctionName{Project: project, Package: "default", Name: name})
	if err != nil {
		r.Fatal(err)
	}
	return f
}

func (r *rig) add(name, event string) string {
	r.Helper()
	id, err := r.queue.Add(r.Context(), r.function(name), "", event)
	if err != nil {
		r.Fatal(err)
	}
	return uuid.UUID(id).String()
}

// all returns the function's invocations, oldest first.
func (r *rig) all(name string) []store.Invocation {
	r.Helper()
	all, _, err := r.store.ListInvocations(r.Context(), store.InvocationFilter{Function: r.function(name).ID}, store.Page{Limit: 100})
	if err != nil {
		r.Fatal(err)
	}
	slices.Reverse(all)
	return all
}

// wantCalls fails the test unless the calls were just these; those of one moment
// come in the order of their texts.
func (r *rig) wantCalls(want ...string) {
	r.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	var got []string
	slices.SortStableFunc(r.calls, func(a, b call) int {
		return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.function, b.function))
	})
	for _, c := range r.calls {
		got = append(got, fmt.Sprintf("%s %s #%d at %v", c.function, c.event, c.attempt, c.at))
	}
	if !slices.Equal(got, want) {
		r.Errorf("calls\n got %q\nwant %q", got, want)
	}
}

func failing(name string) func(context.Context, call) function.Result {
	return func(context.Context, call) function.Result { return function.Failed(name, "it broke\x00") }
}

func TestAnInvocationIsCarriedOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.create("f")
		r.run()
		defer func() { r.stop() }()
		time.Sleep(time.Second)
		id := r.add("f", `{"n":1}`)
		synctest.Wait()
		r.wantCalls(`f {"n":1} #1 at 1s`)
		if got := r.all("f")[0]; got.Status != store.InvocationSucceeded || got.EndedAt == 0 || uuid.UUID(got.ID).String() != id {
			t.Errorf("got %+v", got)
		}
		if r.calls[0].id != id {
			t.Errorf("the call has the id %s, want %s", r.calls[0].id, id)
		}
	})
}

func TestAFailureIsRetriedAsConfigured(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.answer = failing(function.ActionFailed)
		r.create("once")
		r.create("thrice")
		r.create("never")
		for name, retries := range map[string]int{"thrice": 3, "never": 0} {
			if _, err := r.catalog.SetAsync(t.Context(), r.function(name).FunctionName, "", catalog.AsyncConfig{AgeMax: 3600, RetriesMax: retries}); err != nil {
				t.Fatal(err)
			}
		}
		r.run()
		defer func() { r.stop() }()
		id := r.add("thrice", "3")
		synctest.Wait()
		r.add("once", "1")
		synctest.Wait()
		r.add("never", "0")
		time.Sleep(500 * time.Millisecond)
		if got := r.all("thrice")[0]; got.Status != store.InvocationWaiting || got.ErrorCode != 500 || got.Error != "it broke" {
			t.Errorf("in between: got %+v", got)
		}
		time.Sleep(time.Hour)
		r.wantCalls("never 0 #1 at 0s", "once 1 #1 at 0s", "thrice 3 #1 at 0s",
			"once 1 #2 at 1s", "thrice 3 #2 at 1s", "thrice 3 #3 at 3s", "thrice 3 #4 at 7s")
		for _, name := range []string{"once", "thrice", "never"} {
			if got := r.all(name)[0]; got.Status != store.InvocationFailed || got.ErrorCode != 500 {
				t.Errorf("%s: got %+v", name, got)
			}
		}
		if ids := []string{r.calls[2].id, r.calls[4].id}; ids[0] != id || ids[1] != id+"-2" {
			t.Errorf("the attempts have the ids %q", ids)
		}
	})
}

func TestWhatIsTooOldIsDiscarded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.answer = failing(function.TooManyRequests) // which does not count, however often
		r.create("f")
		if _, err := r.catalog.SetAsync(t.Context(), r.function("f").FunctionName, "", catalog.AsyncConfig{AgeMax: 10, RetriesMax: 0}); err != nil {
			t.Fatal(err)
		}
		r.add("f", "1")
		r.run()
		time.Sleep(time.Minute)
		r.wantCalls("f 1 #1 at 0s", "f 1 #1 at 1s", "f 1 #1 at 3s", "f 1 #1 at 7s")
		if got := r.all("f")[0]; got.Status != store.InvocationDiscarded || got.ErrorCode != 429 {
			t.Errorf("got %+v", got)
		}
		r.stop()
		r.add("f", "2")
		time.Sleep(time.Minute)
		r.run()
		synctest.Wait()
		r.stop()
		if n := len(r.calls); n != 4 || r.all("f")[1].Status != store.InvocationDiscarded {
			t.Errorf("%d calls, and %+v", n, r.all("f")[1])
		}
	})
}

// What was under way when the process died is taken up by the next start; what
// it answered before it was stored is not known.
func TestACrashRepeatsWhatWasUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.create("f")
		r.answer = func(ctx context.Context, c call) function.Result {
			<-ctx.Done()
			return function.Failed(function.FunctionStageOtherErrors, "called off")
		}
		r.run()
		r.add("f", "1")
		synctest.Wait()
		r.stop()
		if got := r.all("f")[0]; got.Status != store.InvocationRunning || got.Failures != 0 {
			t.Errorf("after the end: got %+v", got)
		}
		r.answer = nil
		r.run()
		synctest.Wait()
		r.stop()
		if got := r.all("f")[0]; got.Status != store.InvocationSucceeded || got.Attempt != 2 {
			t.Errorf("after the next start: got %+v", got)
		}
		if r.calls[0].id != r.calls[1].id || r.calls[1].attempt != 1 {
			t.Errorf("tries of one attempt: %+v", r.calls)
		}
	})
}

// A node that has died keeps what it had for a minute; one that is alive keeps it
// for as long as it takes.
func TestNodesTakeOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.create("f")
		r.add("f", "1")
		until := journal.Millis(time.Now().Add(40 * time.Second).UnixMilli())
		if _, err := r.store.ClaimInvocations(t.Context(), store.Claim{Node: "dead", Now: 1 << 60, Until: until, Limit: 1}); err != nil {
			t.Fatal(err)
		}
		release := make(chan struct{})
		r.answer = func(context.Context, call) function.Result { <-release; return function.Result{} }
		r.run()
		time.Sleep(time.Minute)
		r.wantCalls("f 1 #1 at 40s")
		other := queue.New(queue.Config{Node: "other", RunningMax: 8, WaitingMax: 10, Keep: time.Hour}, r.catalog, r.store, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- other.Run(ctx) }()
		time.Sleep(time.Hour)
		r.wantCalls("f 1 #1 at 40s")
		close(release)
		synctest.Wait()
		if got := r.all("f")[0]; got.Status != store.InvocationSucceeded {
			t.Errorf("got %+v", got)
		}
		cancel()
		<-ended
		r.stop()
	})
}

// A function whose invocations take long does not keep the others waiting.
func TestOneFunctionLeavesPlaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.create("slow")
		r.create("quick")
		r.answer = func(ctx context.Context, c call) function.Result {
			if c.function == "slow" {
				time.Sleep(time.Minute)
			}
			return function.Result{}
		}
		for range 50 {
			r.add("slow", "0")
		}
		time.Sleep(time.Second)
		r.add("quick", "1")
		r.run()
		synctest.Wait()
		if got := r.all("quick")[0]; got.Status != store.InvocationSucceeded {
			t.Errorf("got %+v", got)
		}
		r.mu.Lock()
		if n := len(r.calls); n > 6 {
			t.Errorf("%d calls at once, want some places left", n)
		}
		r.mu.Unlock()
		time.Sleep(time.Hour)
		for _, inv := range r.all("slow") {
			if inv.Status != store.InvocationSucceeded {
				t.Fatalf("got %+v", inv)
			}
		}
		r.stop()
	})
}

func TestTheStoreMayBeAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.create("f")
		r.add("f", "1")
		var away sync.Mutex
		failures := map[string]int{"ReleaseInvocations": 2, "ClaimInvocations": 2, "NextInvocation": 1, "SettleInvocations": 2}
		r.store.Faults.Before = func(method string) error {
			away.Lock()
			defer away.Unlock()
			if failures[method] > 0 {
				failures[method]--
				return store.ErrUnavailable
			}
			return nil
		}
		r.run()
		time.Sleep(time.Minute)
		if got := r.all("f")[0]; got.Status != store.InvocationSucceeded {
			t.Errorf("got %+v", got)
		}
		if len(r.calls) != 1 {
			t.Errorf("%d calls, want 1", len(r.calls))
		}
		r.stop()
	})
}

// A node that has not learned what it was given carries that out later, although
// it is busy all the time.
func TestAClaimInDoubt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.create("busy")
		r.create("f")
		r.answer = func(ctx context.Context, c call) function.Result {
			if c.function == "busy" {
				<-ctx.Done()
			}
			return function.Result{}
		}
		r.add("busy", "1")
		r.run()
		synctest.Wait()
		doubt := true
		r.store.Faults.After = func(method string) error {
			if doubt && method == "ClaimInvocations" {
				doubt = false
				return store.ErrOutcomeUnknown
			}
			return nil
		}
		r.add("f", "2")
		time.Sleep(5 * time.Minute)
		if got := r.all("f")[0]; got.Status != store.InvocationSucceeded {
			t.Errorf("got %+v", got)
		}
		if got := r.all("busy")[0]; got.Attempt != 1 {
			t.Errorf("what is under way was begun again: %+v", got)
		}
		r.stop()
	})
}

// A store that takes no more calls ends the queue, for the process to end.
func TestAStoreThatHasStopped(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"ReleaseInvocations", "ClaimInvocations", "SettleInvocations", "KeepInvocations", "ExpireInvocations"} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.create("f")
			r.answer = func(ctx context.Context, _ call) function.Result {
				if method == "KeepInvocations" {
					<-ctx.Done()
				}
				return function.Result{}
			}
			r.add("f", "1")
			r.store.Faults.Before = func(called string) error {
				if called == method {
					return store.ErrStopped
				}
				return nil
			}
			if err := r.queue.Run(t.Context()); !errors.Is(err, store.ErrStopped) {
				t.Errorf("%s: Run ended with %v", method, err)
			}
		})
	}
}

// An answer that could not be stored before the end is asked for again.
func TestASettlementThatIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.create("f")
		r.store.Faults.Before = func(method string) error {
			if method == "SettleInvocations" {
				return store.ErrUnavailable
			}
			return nil
		}
		r.add("f", "1")
		r.run()
		time.Sleep(10 * time.Second)
		r.stop()
		r.store.Faults.Before = nil
		r.run()
		synctest.Wait()
		r.stop()
		if got := r.all("f")[0]; got.Status != store.InvocationSucceeded || len(r.calls) != 2 {
			t.Errorf("%d calls, %+v", len(r.calls), got)
		}
	})
}

func TestOldInvocationsAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.create("f")
		r.run()
		r.add("f", "1")
		time.Sleep(59 * time.Minute)
		if n := len(r.all("f")); n != 1 {
			t.Errorf("%d are kept, want 1", n)
		}
		time.Sleep(3 * time.Minute)
		if n := len(r.all("f")); n != 0 {
			t.Errorf("%d are kept, want none", n)
		}
		r.stop()
	})
}

func TestAsynchronousCallsAreTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.create("f")
		request := function.Request{Function: prefix + "f", Project: project, Input: "1", Timeout: time.Second, Async: true}
		if got := r.queue.Invoke(t.Context(), request); got.Failure != nil || len(r.calls) != 0 {
			t.Errorf("got %+v after %d calls", got, len(r.calls))
		}
		request.Async = false
		if got := r.queue.Invoke(t.Context(), request); got.Failure != nil || len(r.calls) != 1 {
			t.Errorf("got %+v after %d calls", got, len(r.calls))
		}
		request.Async = true
		for urn, want := range map[string]string{
			prefix + "g":                             function.NotFound,
			prefix + "f:v1":                          function.NotFound,
			prefix + "f:!prod":                       function.NotFound,
			strings.Replace(prefix, ":p:", ":q:", 1): function.NotFound,
		} {
			request.Function = urn
			if got := r.queue.Invoke(t.Context(), request); got.Failure == nil || got.Failure.Name != want {
				t.Errorf("%s: got %+v", urn, got)
			}
		}
		request.Function = prefix + "f"
		for range r.cfg.WaitingMax - 1 {
			r.queue.Invoke(t.Context(), request)
		}
		if got := r.queue.Invoke(t.Context(), request); got.Failure == nil || got.Failure.Name != function.TooManyRequests {
			t.Errorf("one too many: got %+v", got)
		}
	})
}
