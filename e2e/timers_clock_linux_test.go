package e2e

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestTimersMeetTheClock sets the clock of the server while it is down: over hours
// that it misses, over one that Berlin's clocks repeat, and back again.
func TestTimersMeetTheClock(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	s.program = askingForTime(t)
	var ahead atomic.Int64 // of the true time, as a time.Duration
	calls := s.intercept(t, clocks)
	calls.set(func(systemCall) fate { return fate{clock: time.Now().Add(time.Duration(ahead.Load()))} })
	startAt := func(clock string) {
		t.Helper()
		s.kill()
		ahead.Store(int64(time.Until(timeOf(clock))))
		s.start()
	}
	startAt("2026-10-24T23:59:58.000Z")
	graph, err := s.createGraph("timed", graphs()[0].definition)
	if err != nil {
		t.Fatal(err)
	}
	for _, misfire := range []string{"skip", "once", "all"} {
		s.startTimer(t, graph, misfire, "0 * * * ?", "UTC", misfire)
	}
	s.startTimer(t, graph, "dst", "30 2 * * ?", "Europe/Berlin", "all")

	fired := func(want string) {
		t.Helper()
		got := ""
		eventually(t, "the timers fire: "+want, func() bool {
			got = s.fireTimes(t, graph)
			return got == want
		})
	}
	fired("all 00:00, once 00:00, skip 00:00")
	startAt("2026-10-25T00:29:58.000Z") // 02:29:58 by summer time
	fired("all 00:00, dst 00:30, once 00:00, skip 00:00")
	// Three hours are missed, and the second 02:30 is none of the timer's.
	startAt("2026-10-25T03:10:00.000Z")
	fired("all 00:00 01:00 02:00 03:00, dst 00:30, once 00:00 03:00, skip 00:00")
	// What has been is not again, also for a timer that is started anew.
	startAt("2026-10-25T02:59:58.000Z")
	for _, action := range []string{"stop", "start"} {
		if a, err := s.call(http.MethodPut, base+"/cloud_cron/"+timerURN("all")+"/action", map[string]string{"action_type": action}, nil); err != nil || a.status != http.StatusOK {
			t.Fatal(a, err)
		}
	}
	pause(t.Context(), 3*time.Second)
	startAt("2026-10-25T03:59:58.000Z")
	fired("all 00:00 01:00 02:00 03:00 04:00, dst 00:30, once 00:00 03:00 04:00, skip 00:00 04:00")
}

func timerURN(name string) string {
	return "urn:fgs:" + region + ":" + project + ":cron:timed:" + name
}

// startTimer makes a timer with an expression, and starts it.
func (s *server) startTimer(t *testing.T, graph, name, expression, zone, misfire string) {
	t.Helper()
	body := map[string]string{"graph_urn": graph, "cron_trigger_name": name, "expression": expression, "time_zone": zone}
	a, err := s.call(http.MethodPost, base+"/cloud_cron", body, http.Header{"X-Heddle-Misfire": {misfire}})
	if err == nil && a.status == http.StatusOK {
		a, err = s.call(http.MethodPut, base+"/cloud_cron/"+timerURN(name)+"/action", map[string]string{"action_type": "start"}, nil)
	}
	if err != nil || a.status != http.StatusOK {
		t.Fatal(a, err)
	}
}

// fireTimes returns the hours and minutes for which each timer of a graph has
// started an execution.
func (s *server) fireTimes(t *testing.T, graph string) string {
	t.Helper()
	all, err := s.list(graph)
	if err != nil {
		t.Fatal(err)
	}
	times := map[string][]string{}
	for _, x := range all {
		shown, err := s.show(x.URN)
		var event struct {
			Timer string    `json:"trigger_name"`
			Time  time.Time `json:"time"`
		}
		if err != nil || json.Unmarshal([]byte(shown.Input), &event) != nil {
			t.Fatal(shown, err)
		}
		times[event.Timer] = append(times[event.Timer], event.Time.Format("15:04"))
	}
	var lines []string
	for timer, fired := range times {
		slices.Sort(fired)
		lines = append(lines, timer+" "+strings.Join(fired, " "))
	}
	slices.Sort(lines)
	return strings.Join(lines, ", ")
}
