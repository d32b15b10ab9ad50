// Package server joins the rooms: which store, which functions, which listener
// an engine and its API work with, and in which order they start and stop.
//
// It starts the store first, then the engine, then what starts executions by
// itself and the doors, and stops them in the opposite order, so that nothing is
// used before it is there or after it has gone. It decides nothing else.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"heddle/internal/admission"
	"heddle/internal/api"
	"heddle/internal/audit"
	"heddle/internal/callback"
	"heddle/internal/config"
	"heddle/internal/engine"
	"heddle/internal/exchange"
	"heddle/internal/function"
	"heddle/internal/functionapi"
	"heddle/internal/intake"
	"heddle/internal/machine"
	"heddle/internal/store"
)

// Server is one node of the service.
type Server struct {
	cfg       config.Config
	log       *slog.Logger
	functions *function.Registry
	listener  net.Listener
	tls       *tls.Config // nil if TLS is not spoken
	reach     function.Reach
	proxies   networks
	times     times
}

// New returns a server that holds its address already and does nothing until Run.
func New(cfg config.Config, log *slog.Logger) (*Server, error) {
	cfg.Limits = withinFiles(cfg.Limits, filesMax(), log)
	listener, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", cfg.Listen, err)
	}
	s := &Server{cfg: cfg, log: log, listener: listener, times: usual}
	if err := s.prepare(); err != nil {
		listener.Close()
		return nil, err
	}
	return s, nil
}

// prepare makes what needs no store.
func (s *Server) prepare() (err error) {
	if s.reach, err = reachOf(s.cfg, s.listener.Addr()); err != nil {
		return err
	}
	if s.proxies, err = s.cfg.Proxies(); err != nil {
		return err
	}
	if s.functions, err = newFunctions(s.cfg, s.reach); err != nil {
		return err
	}
	s.tls, err = newTLS(s.cfg.TLSCert, s.cfg.TLSKey, s.log)
	return err
}

// Addr returns the address on which the server listens.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// publicURL returns the URL of the API as functions reach it, without a slash
// at its end.
func (s *Server) publicURL() string {
	if s.cfg.PublicURL != "" {
		return strings.TrimRight(s.cfg.PublicURL, "/")
	}
	scheme := "http://"
	if s.tls != nil {
		scheme = "https://"
	}
	return scheme + reachable(s.listener.Addr())
}

// reachable returns an address at which this machine reaches a listener: one that
// listens on all of its addresses is reached by loopback.
func reachable(listens net.Addr) string {
	address, err := netip.ParseAddrPort(listens.String())
	if err != nil || !address.Addr().IsUnspecified() {
		return listens.String()
	}
	return net.JoinHostPort("localhost", strconv.Itoa(int(address.Port())))
}

// Run serves until ctx ends, then stops within the configured time. It returns
// an error if it could not start, had to stop by itself, or could not stop in
// time. Run is called once.
func (s *Server) Run(ctx context.Context) error {
	defer s.listener.Close()
	st, err := s.openStore(ctx)
	if err != nil {
		return err
	}
	return s.runOn(ctx, st)
}

// runOn runs on an open store, and closes it.
func (s *Server) runOn(ctx context.Context, st store.Store) error {
	logs, err := s.newLogs()
	if err != nil {
		return errors.Join(err, st.Close())
	}
	local, err := s.newRuntime(logs)
	if err != nil {
		return errors.Join(err, st.Close())
	}
	box, err := s.newBox()
	if err != nil {
		return errors.Join(err, st.Close())
	}
	who := s.newIdentity(st, box)
	c := s.newCatalog(st, box, local)
	keeper := s.newKeeper(box, who, c)
	if err := s.checkSecrets(ctx, who, keeper); err != nil {
		return errors.Join(err, st.Close())
	}
	trail := audit.NewLog(st, s.log)
	if err := s.admitSomebody(ctx, st, who, trail); err != nil {
		return errors.Join(err, st.Close())
	}
	if err := s.enterAccepted(ctx, trail); err != nil {
		return errors.Join(err, st.Close())
	}
	callbacks := callback.NewDesk(box)
	q := s.newQueue(st, c)
	e := s.newEngine(st, caller{q, callbacks, s.publicURL(), s.log})
	timers := intake.NewTimers(s.cfg.Region, st, e, s.log)
	events := intake.NewEvents(intake.EventsConfig{EventsMax: s.cfg.Limits.PendingEvents, BytesMax: pendingEventBytes}, st, e, s.log)
	met := exchange.Config{Hosts: newHosts(s.cfg, who), AnswerTimeout: s.times.answer}
	graphs := s.newAPI(met, api.Rooms{
		Engine: e, Timers: timers, Events: events, Callbacks: callbacks, Store: st,
		Guard: who, Logins: who, People: who, Secrets: keeper, Audit: trail,
	})
	functions := s.newFunctionAPI(met, functionapi.Rooms{Catalog: c, Queue: q, Store: st, Logs: logs, Guard: who, Audit: trail})
	web := s.newWeb(behindProxies(s.proxies, doors(graphs, functions)))

	keeping := live(ctx, st.Run)
	auditing := live(ctx, trail.Run)
	sealing := live(ctx, keeper.Run)
	calls := live(ctx, s.functions.Run)
	instances := live(ctx, local.Run)
	invocations := live(ctx, q.Run)
	work := live(ctx, e.Run)
	ticking := live(ctx, timers.Run)
	handing := live(ctx, events.Run)
	subscribed := live(ctx, s.subscriber(events).Run)
	doors := live(ctx, func(ctx context.Context) error { return s.serve(ctx, web) })
	s.log.Info("listening", "address", s.Addr(), "tls", s.tls != nil, "region", s.cfg.Region, "data", s.cfg.DataDir)

	select {
	case <-ctx.Done():
	case <-work.ended:
	case <-invocations.ended:
	case <-ticking.ended:
	case <-handing.ended:
	case <-subscribed.ended:
	case <-doors.ended:
	}
	s.log.Info("shutting down", "within", s.cfg.ShutdownTimeout)
	return within(s.cfg.ShutdownTimeout, func() error {
		e.Drain() // no new starts, not ready, and nobody waits for a history to grow
		logs.Drain()
		return errors.Join(doors.stop(), subscribed.stop(), ticking.stop(), handing.stop(), work.stop(), invocations.stop(), instances.stop(), calls.stop(), sealing.stop(), auditing.stop(), keeping.stop(), st.Close())
	})
}

// pendingEventBytes bounds the payloads of the events that wait to be handed on.
const pendingEventBytes = 256 << 20

// pendingNarrow leaves some dozens of pending starts to a project while too many
// come: enough for a commit to be worth its wait for the disk.
const pendingNarrow = 6

func (s *Server) newEngine(st store.Store, functions engine.Invoker) *engine.Engine {
	limits := s.cfg.Limits
	return engine.New(engine.Config{
		Region:        s.cfg.Region,
		Node:          node,
		LeaseDuration: s.cfg.LeaseDuration,
		DrainDuration: s.cfg.ShutdownTimeout / 2,
		Retention:     s.cfg.Retention,
		Machine: machine.Limits{
			Visits:         limits.StateVisits,
			Elements:       limits.ExtendElements,
			ElementsAtOnce: limits.ExtendParallel,
			ResultBytes:    limits.ResultBytes,
		},
		Open:      admission.Room{Max: limits.OpenExecutions, Share: limits.ShareOf(limits.OpenExecutions)},
		Starts:    admission.Room{Max: limits.PendingStarts, Share: limits.ShareOf(limits.PendingStarts), Narrow: pendingNarrow},
		StartWait: limits.StartWait,
		Calls: admission.Limits{
			All:     limits.CallsInFlight,
			Project: limits.ShareOf(limits.CallsInFlight),
			Lane:    limits.FunctionCalls,
		},
	}, st, functions, s.log)
}

func (s *Server) newAPI(met exchange.Config, rooms api.Rooms) http.Handler {
	return api.New(api.Config{
		Region:      s.cfg.Region,
		BodyMax:     int64(s.cfg.Limits.RequestBytes),
		CallTimeout: s.times.call,
		TimeZone:    s.cfg.TimeZone,
		Quotas:      api.Quotas{Graphs: int64(s.cfg.Quotas.Graphs), Triggers: int64(s.cfg.Quotas.Triggers)},

		Exchange: met,
		AuditAll: s.cfg.AuditAll(),

		EventSources: eventSources(s.cfg.EventSources),
		Confirm:      s.confirm,
	}, rooms, s.log).Handler()
}
