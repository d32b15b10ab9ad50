package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"heddle/internal/admission"
	"heddle/internal/api"
	"heddle/internal/audit"
	"heddle/internal/callback"
	"heddle/internal/engine"
	"heddle/internal/identity"
	"heddle/internal/intake"
	"heddle/internal/machine"
	"heddle/internal/secret"
	"heddle/internal/store/memory"
)

// invoke makes a function a functions' caller.
type invoke func(context.Context, engine.Call) engine.Result

func (f invoke) Invoke(ctx context.Context, c engine.Call) engine.Result { return f(ctx, c) }

func (f invoke) CallsMax(string, string) int { return 0 }

// service is an API over a running engine and a store in memory.
type service struct {
	t         testing.TB
	store     *memory.Store
	engine    *engine.Engine
	events    *intake.Events
	identity  *identity.Identity
	callbacks callback.Desk
	handler   http.Handler
	learnt    []string // of the URNs in a page's samples: each, and what it is here
}

func newService(t testing.TB, functions invoke) *service {
	t.Helper()
	return newServiceIn(t, region, functions)
}

func newServiceIn(t testing.TB, region string, functions invoke) *service {
	t.Helper()
	cfg := config
	cfg.Region = region
	return newServiceWith(t, cfg, functions)
}

func newServiceWith(t testing.TB, cfg api.Config, functions invoke) *service {
	t.Helper()
	st := memory.New(1)
	box := secret.NewBox(filepath.Join(t.TempDir(), "key"))
	callbacks := callback.NewDesk(box)
	e := engine.New(engine.Config{
		Region:        cfg.Region,
		Node:          "test",
		LeaseDuration: time.Minute,
		DrainDuration: time.Second,
		Machine:       machine.Limits{Visits: 1000, Elements: 1000, ElementsAtOnce: 40, ResultBytes: 1 << 18},
		Open:          admission.Room{Max: 10_000, Share: 10_000},
		Starts:        admission.Room{Max: 1000, Share: 1000},
		StartWait:     time.Minute,
		Calls:         admission.Limits{All: 16, Project: 16, Lane: 16},
	}, st, functions, quiet)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- e.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the engine ended with %v", err)
		}
	})
	for e.Ready() != nil {
		runtime.Gosched()
	}
	events := intake.NewEvents(intake.EventsConfig{EventsMax: 1000, BytesMax: 1 << 20}, st, e, quiet)
	taking := make(chan error)
	go func() { taking <- events.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-taking; err != nil {
			t.Errorf("the intake ended with %v", err)
		}
	})
	for errors.Is(takeNothing(ctx, events), engine.ErrDraining) {
		runtime.Gosched()
	}
	who := identity.New(identity.Config{TokenLifetime: 24 * time.Hour, SignedWithin: 15 * time.Minute, SingleUser: true}, st, box, quiet)
	s := &service{t: t, store: st, engine: e, events: events, identity: who, callbacks: callbacks}
	s.handler = s.again(cfg)
	return s
}

// takeNothing returns the error with which an intake refuses, if it does.
func takeNothing(ctx context.Context, events *intake.Events) error {
	_, err := events.Accept(ctx, intake.Arrival{Project: project})
	return err
}

// again returns the handler of another API over the same engine and store.
func (s *service) again(cfg api.Config) http.Handler { return s.guarded(cfg, s.identity) }

// guarded is again with somebody else at the door.
func (s *service) guarded(cfg api.Config, guard api.Guard) http.Handler {
	return api.New(cfg, api.Rooms{
		Engine: s.engine, Timers: intake.NewTimers(cfg.Region, s.store, s.engine, quiet), Events: s.events,
		Callbacks: s.callbacks, Store: s.store, Guard: guard, Logins: s.identity, People: s.identity,
		Audit: audit.NewLog(s.store, quiet),
	}, quiet).Handler()
}

func (s *service) do(method, target, body string, header ...string) answer {
	s.t.Helper()
	return do(s.t, s.handler, method, target, body, header...)
}

// createGraph stores a graph and returns its path.
func (s *service) createGraph(name, definition string) string {
	s.t.Helper()
	body := fmt.Sprintf(`{"graph_name":%q,"definition":%s}`, name, strconv.Quote(definition))
	return graphs + "/" + s.do("POST", graphs, body).text(s.t, "graph_urn")
}

// start starts an execution and returns its path.
func (s *service) start(graph, name, input string) string {
	s.t.Helper()
	body := fmt.Sprintf(`{"action_type":"start","executions":{"execution_name":%q,"input":%s}}`, name, strconv.Quote(input))
	return graphs + "/executions/" + s.do("POST", graph+"/executions/action", body).text(s.t, "execution_urn")
}

// finish waits for the end of an execution.
func (s *service) finish(execution string) {
	s.t.Helper()
	for marker := "0"; marker != ""; {
		page := s.do("GET", execution+"/history?order=asc&limit=1000&marker="+marker, "", "X-Heddle-Wait-Seconds: 20").object(s.t)
		marker, _ = page["next_marker"].(string)
	}
}

// learn notes what the URNs that a sample's answer has been given by the service
// are here.
func (s *service) learn(sample string, a answer) {
	var told map[string]any
	if err := json.Unmarshal([]byte(sample), &told); err != nil {
		return
	}
	for _, field := range []string{"execution_urn", "trigger_urn", "cron_trigger_urn"} {
		if urn, there := told[field].(string); there {
			here := a.text(s.t, field)
			last := func(urn string) string { return urn[strings.LastIndexByte(urn, ':')+1:] }
			s.learnt = append(s.learnt, urn, here, last(urn), last(here)) // the last part stands in ids of mappings too
		}
	}
}

// filled puts what was learnt into a part of a sample's request.
func (s *service) filled(text string) string {
	return strings.NewReplacer(s.learnt...).Replace(text)
}
