package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

// eventLoad is sources and workers, and what they were told, over all the lives
// of a server's process.
type eventLoad struct {
	s                               *server
	log, wait, work                 string // URNs of graphs
	logged, wake, asked, beat, done string // URNs of triggers

	mu        sync.Mutex
	published int             // messages of the topic that is logged
	waiting   []string        // URNs of executions that wait to be woken
	tokens    map[string]bool // that workers were given
	reported  map[string]bool // those of them whose work was reported; false if there was no answer
}

func newEventLoad(t *testing.T, s *server) *eventLoad {
	t.Helper()
	l := &eventLoad{s: s, tokens: map[string]bool{}, reported: map[string]bool{}}
	l.logged, l.wake = s.mustTrigger(t, "SMN", topicDef("logged")), s.mustTrigger(t, "SMN", topicDef("wake"))
	l.asked, l.done = s.mustTrigger(t, "Worker", `{"type":"WorkRequest"}`), s.mustTrigger(t, "Worker", `{"type":"WorkSuccess"}`)
	l.beat = s.mustTrigger(t, "Worker", `{"type":"HeartBeat"}`)
	for urn, g := range map[*string][2]string{
		&l.log: {"log", states(
			operation("work", `"SEQUENTIAL"`, `"start":true,"next-state":"end"`, "echo"))},
		&l.wait: {"wait", `{"event-defs":{"woken":{"source":"` + l.wake + `"}},` + states(
			`"sleep":{"type":"DELAY","start":true,"time-delay":1,"next-state":"wait"}`,
			`"wait":{"type":"EVENT","events":[{"event-expression":"woken","next-state":"end"}]}`)[1:]},
		&l.work: {"work", `{"event-defs":{"asked":{"source":"` + l.asked + `"},"beat":{"source":"` + l.beat + `"},"done":{"source":"` + l.done + `"}},` + states(
			operation("first", `"SEQUENTIAL"`, `"start":true,"next-state":"offer"`, "echo"),
			`"offer":{"type":"EVENT","events":[{"event-expression":"asked","next-state":"working","actions":[{"action-name":"prepare","function":"`+function("echo")+`"}]}]}`,
			`"working":{"type":"EVENT","event-timeout":5,"events":[{"event-expression":"beat","next-state":"working"},{"event-expression":"done","next-state":"end"}]}`)[1:]},
	} {
		var err error
		if *urn, err = s.createGraph(g[0], g[1]); err != nil {
			t.Fatal(err)
		}
	}
	s.mustMap(t, l.logged, l.log)
	return l
}

// run lets sources and workers go on until ctx ends or the server is gone.
func (l *eventLoad) run(ctx context.Context, rng *rand.Rand) {
	var all sync.WaitGroup
	for _, step := range []func(*rand.Rand) error{l.publish, l.publish, l.startWaiting, l.startWork, l.takeWork, l.takeWork, l.takeWork} {
		own := rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64()))
		all.Go(func() {
			for ctx.Err() == nil {
				if step(own) != nil {
					return
				}
				pause(ctx, time.Duration(own.IntN(20))*time.Millisecond)
			}
		})
	}
	all.Wait()
}

// publish publishes a message, or one again whose fate is not known.
func (l *eventLoad) publish(rng *rand.Rand) error {
	l.mu.Lock()
	n := l.published
	if n > 0 && rng.IntN(5) == 0 {
		n = rng.IntN(n)
	} else {
		l.published++
	}
	l.mu.Unlock()
	if rng.IntN(20) == 0 {
		if err := l.s.publish("wake", "now", fmt.Sprint("wake-", rng.Uint32())); err != nil {
			return err
		}
	}
	return l.s.publish("logged", message(n), message(n))
}

func message(n int) string { return fmt.Sprintf("message-%d.", n) }

func (l *eventLoad) startWaiting(*rand.Rand) error {
	urn, err := l.start(l.wait)
	if err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.waiting = append(l.waiting, urn)
	}
	return err
}

func (l *eventLoad) startWork(*rand.Rand) error {
	_, err := l.start(l.work)
	return err
}

func (l *eventLoad) start(graph string) (string, error) {
	a, err := l.s.startExecution(graph, "e", "{}", "")
	if err != nil {
		return "", err
	}
	var started struct {
		URN string `json:"execution_urn"`
	}
	return started.URN, a.into(&started)
}

// takeWork takes a piece of work, keeps it for a moment, and reports.
func (l *eventLoad) takeWork(rng *rand.Rand) error {
	work, err := l.s.requestWork(l.asked)
	if errors.Is(err, errNoWork) {
		return nil
	}
	if err != nil {
		return err
	}
	l.mu.Lock()
	twice := l.tokens[work.Token]
	l.tokens[work.Token] = true
	l.mu.Unlock()
	if twice {
		l.s.t.Errorf("two workers have the work of %s", work.Token)
	}
	for range rng.IntN(3) {
		if err := l.s.report("heartbeat", l.beat, work, "", ""); err != nil {
			return err
		}
	}
	l.mu.Lock()
	l.reported[work.Token] = false
	l.mu.Unlock()
	if err := l.s.report("worksuccess", l.done, work, "result", `"done"`); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reported[work.Token] = true
	return nil
}

// verify finishes what is open, and then looks whether all has come of it that
// should, and once.
func (l *eventLoad) verify(t *testing.T) {
	t.Helper()
	for n := range l.published { // those without an answer are sent again, as any source does
		if err := l.s.publish("logged", message(n), message(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.s.publish("wake", "now", "the-last"); err != nil {
		t.Fatal(err)
	}
	l.verifyLogged(t)
	l.verifyWaiting(t)
	l.verifyWork(t)
}

func (l *eventLoad) verifyLogged(t *testing.T) {
	t.Helper()
	eventually(t, "every message starts an execution", func() bool {
		logged, err := l.s.list(l.log)
		return err == nil && len(logged) >= l.published
	})
	times := map[string]int{}
	for _, x := range l.s.awaitAll(t, l.log) {
		shown, err := l.s.show(x.URN)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(shown.Input, `"message-`)
		n, _, _ := strings.Cut(rest, ".")
		times[n]++
	}
	for n := range l.published {
		if times[fmt.Sprint(n)] != 1 {
			t.Errorf("message %d has started %d executions", n, times[fmt.Sprint(n)])
		}
	}
	if len(times) != l.published {
		t.Errorf("%d messages have started executions, %d were published", len(times), l.published)
	}
}

func (l *eventLoad) verifyWaiting(t *testing.T) {
	t.Helper()
	for _, x := range l.s.awaitAll(t, l.wait) {
		records, err := l.s.history(x.URN)
		if err != nil {
			t.Fatal(err)
		}
		taken := 0
		for _, r := range records {
			if r.Type == "Event Taken" {
				taken++
			}
		}
		if x.Status != "SUCCESS" || taken != 1 {
			t.Errorf("%s has ended %s after %d events", x.URN, x.Status, taken)
		}
	}
	for _, urn := range l.waiting {
		if x, err := l.s.show(urn); err != nil || x.Status != "SUCCESS" {
			t.Errorf("%s was acknowledged: %s, %v", urn, x.Status, err)
		}
	}
}

func (l *eventLoad) verifyWork(t *testing.T) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 1))
	eventually(t, "all work is done or has run out of time", func() bool {
		if err := l.takeWork(rng); err != nil {
			t.Fatal(err)
		}
		all, err := l.s.list(l.work)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range all {
			if x.Status == "RUNNING" {
				return false
			}
		}
		return true
	})
	for token, acknowledged := range l.reported {
		x, err := l.s.show(token)
		if err != nil {
			t.Fatal(err)
		}
		if acknowledged && (x.Status != "SUCCESS" || x.Output != `"done"`) {
			t.Errorf("work that was reported done has ended %s %s", x.Status, x.Output)
		}
	}
	for _, x := range l.s.awaitAll(t, l.work) {
		if _, reported := l.reported[x.URN]; x.Status == "SUCCESS" && !reported {
			t.Errorf("%s has ended SUCCESS, and nobody has reported it", x.URN)
		}
	}
}

// TestKillAmongEvents kills the server again and again while events come in, are
// handed on and waited for, and workers work.
func TestKillAmongEvents(t *testing.T) {
	t.Parallel()
	killAmongEvents(t, newServer(t, newLedger(t)))
}

// TestKillAmongEventsOnPostgres does the same to a server on PostgreSQL.
func TestKillAmongEventsOnPostgres(t *testing.T) {
	t.Parallel()
	s := newServer(t, newLedger(t))
	s.store = newSchema(t)
	killAmongEvents(t, s)
}

func killAmongEvents(t *testing.T, s *server) {
	rng := chance(t)
	s.start()
	l := newEventLoad(t, s)
	killing(t, s, rng, func(life context.Context) { l.run(life, rng) })
	t.Logf("%d messages, %d waiting, %d pieces of work taken", l.published, len(l.waiting), len(l.tokens))
	l.verify(t)
}
