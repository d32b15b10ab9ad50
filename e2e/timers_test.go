package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestKillWhileTimersFire kills the server again and again while timers are
// started, fire, and are stopped again. Each of their fire times has started one
// execution, whatever the kills met.
func TestKillWhileTimersFire(t *testing.T) {
	t.Parallel()
	killWhileTimersFire(t, newServer(t, nil))
}

func TestKillWhileTimersFireOnPostgres(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	s.store = newSchema(t)
	killWhileTimersFire(t, s)
}

func killWhileTimersFire(t *testing.T, s *server) {
	whileTimersFire(t, s, int(number(t, "HEDDLE_E2E_KILLS", 5)), func(*rand.Rand) {
		s.kill()
		s.start()
	})
}

// whileTimersFire lets faults befall a server while timers fire, and then looks
// whether each fire time has started one execution.
func whileTimersFire(t *testing.T, s *server, faults int, befall func(*rand.Rand)) {
	t.Helper()
	rng := chance(t)
	s.start()
	graph, err := s.createGraph("timed", graphs()[0].definition)
	if err != nil {
		t.Fatal(err)
	}
	var all []*firingTimer
	for i := range 5 {
		all = append(all, s.newTimer(t, graph, fmt.Sprintf("t%d", i)))
	}

	ctx, end := context.WithCancel(t.Context())
	var users sync.WaitGroup
	for _, one := range all {
		users.Go(func() { one.use(ctx, t) })
	}
	for range faults {
		pause(t.Context(), time.Duration(100+rng.IntN(600))*time.Millisecond)
		befall(rng)
	}
	pause(t.Context(), 200*time.Millisecond)
	end()
	users.Wait()

	fired, want := map[string]int{}, 0
	for _, x := range s.awaitAll(t, graph) {
		if x.Status != "SUCCESS" {
			t.Errorf("%s ended %s", x.URN, x.Status)
		}
		shown, err := s.show(x.URN)
		if err != nil {
			t.Fatal(err)
		}
		var event struct {
			Timer string `json:"trigger_name"`
			Time  string `json:"time"`
		}
		if err := json.Unmarshal([]byte(shown.Input), &event); err != nil {
			t.Fatal(err)
		}
		fired[event.Timer+" at "+event.Time]++
	}
	for _, one := range all {
		want += len(one.fired)
		for at := range one.fired {
			fired[one.name+" at "+at.UTC().Format("2006-01-02T15:04:05Z")]--
		}
	}
	for what, n := range fired {
		if n != 0 {
			t.Errorf("%s: %d executions too many", what, n)
		}
	}
	t.Logf("%d faults, %d fire times", faults, want)
	if want < faults {
		t.Errorf("timers fired %d times only", want)
	}
}

// firingTimer is a timer with a rate, which fires when it is started.
type firingTimer struct {
	s     *server
	path  string
	graph string
	name  string
	fired map[time.Time]bool // the fire times that the server has told
}

func (s *server) newTimer(t *testing.T, graph, name string) *firingTimer {
	t.Helper()
	body := map[string]any{
		"graph_urn": graph, "cron_trigger_name": name,
		"simple_trigger": map[string]any{"unit": "day", "interval": 30},
	}
	a, err := s.call(http.MethodPost, base+"/cloud_cron", body, nil)
	var created struct {
		URN string `json:"cron_trigger_urn"`
	}
	if err != nil || a.into(&created) != nil {
		t.Fatal(a, err)
	}
	return &firingTimer{s: s, path: base + "/cloud_cron/" + created.URN, graph: graph, name: name, fired: map[time.Time]bool{}}
}

// use lets the timer fire, one time after the other, until ctx ends. A request that
// is not answered is made again; one that has been carried out is then refused.
func (f *firingTimer) use(ctx context.Context, t *testing.T) {
	for ctx.Err() == nil {
		if !f.act(t, "start", "FGS.2029") || !f.awaitFiring(t) || !f.act(t, "stop", "FGS.2030") {
			return
		}
	}
}

// awaitFiring waits until the timer has fired once more.
func (f *firingTimer) awaitFiring(t *testing.T) bool {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); pause(t.Context(), 5*time.Millisecond) {
		if last, ok := f.last(); ok && !f.fired[last] {
			f.fired[last] = true
			return true
		}
	}
	t.Errorf("%s is started and does not fire", f.name)
	return false
}

// act starts or stops the timer. The code says that it has been done before.
func (f *firingTimer) act(t *testing.T, action, done string) bool {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); pause(t.Context(), 5*time.Millisecond) {
		a, err := f.s.call(http.MethodPut, f.path+"/action", map[string]string{"action_type": action}, nil)
		switch {
		case err == nil && (a.status == http.StatusOK || a.code() == done):
			return true
		case err == nil && a.status != http.StatusServiceUnavailable:
			t.Errorf("%s: %v", action, a)
			return false
		}
	}
	t.Errorf("%s: the server does not answer", action)
	return false
}

// last returns the last fire time for which the server has started an execution.
func (f *firingTimer) last() (time.Time, bool) {
	var list struct {
		Timers []struct {
			URN  string `json:"cron_trigger_urn"`
			Last string `json:"last_fire_at"`
		} `json:"cron_triggers"`
	}
	if f.s.read("/cloud_cron/"+f.graph, &list) != nil {
		return time.Time{}, false
	}
	for _, one := range list.Timers {
		if strings.HasSuffix(one.URN, ":"+f.name) && one.Last != "" {
			return timeOf(one.Last), true
		}
	}
	return time.Time{}, false
}
