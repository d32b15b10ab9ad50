package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"heddle/internal/client"
)

// removal is how the pass graph does while what another graph has stored is
// removed in the background, and how fast that goes.
type removal struct {
	Quiet      busy    `json:"quiet"`    // nothing is removed
	Expiring   *busy   `json:"expiring"` // executions that ended long ago; nil if they are too young
	Expired    float64 `json:"expired_per_second"`
	Deleting   busy    `json:"deleting"`  // the other graph
	DeleteTime float64 `json:"delete_ms"` // of the call that deletes it
	HiddenTime float64 `json:"hidden_ms"` // from the begin of that call until an answer says that it is gone
}

// busy is what a load met.
type busy struct {
	Rate  float64   `json:"executions_per_second"`
	Start quantiles `json:"start"`
}

// retention is the shortest that a server takes.
const retention = time.Minute

// measureRemoval goes on with the server of the large store, whose graph it deletes.
func (b *bench) measureRemoval(ctx context.Context, s *server, r *results) error {
	other := pass
	other.Name = "beside"
	if _, err := s.api.CreateGraph(ctx, client.NewGraph{Name: other.Name, Definition: other.definition}); err != nil {
		return err
	}
	var f removal
	var err error
	b.progress("  nothing is removed")
	if f.Quiet, err = b.rounds(ctx, s, other); err != nil {
		return err
	}

	b.progress("  what ended %s ago is removed", retention)
	if err := s.restart(ctx, "--retention", retention.String()); err != nil {
		return err
	}
	before, began := s.count(ctx, pass), time.Now()
	expiring, err := b.rounds(ctx, s, other)
	if err != nil {
		return err
	}
	if expired := before - s.count(ctx, pass); expired > 0 {
		f.Expiring, f.Expired = &expiring, float64(expired)/time.Since(began).Seconds()
	}

	b.progress("  the graph is deleted, and removed")
	if err := s.restart(ctx); err != nil {
		return err
	}
	began = time.Now()
	if err := s.api.DeleteGraph(ctx, graphURN(pass)); err != nil {
		return err
	}
	f.DeleteTime = milliseconds(time.Since(began))
	_, err = s.api.Executions(ctx, graphURN(pass), client.ListQuery{Limit: 1})
	if gone := (*client.Error)(nil); !errors.As(err, &gone) || gone.Code != "FGS.1011" {
		return fmt.Errorf("list the executions of a deleted graph: got %v, want FGS.1011", err)
	}
	f.HiddenTime = milliseconds(time.Since(began))
	if f.Deleting, err = b.rounds(ctx, s, other); err != nil {
		return err
	}
	r.Removal = &f
	return nil
}

// rounds measures some rounds on one server.
func (b *bench) rounds(ctx context.Context, s *server, g graph) (busy, error) {
	var all []round
	for range b.plan.rounds {
		one, err := b.round(ctx, s, g, storedClients)
		if err != nil {
			return busy{}, err
		}
		all = append(all, one)
	}
	return busy{medianOf(all, round.perSecond), medianQuantiles(all, func(r round) quantiles { return r.start })}, nil
}

// restart stops the server and starts it with further arguments. They do not
// stay for the next time.
func (s *server) restart(ctx context.Context, arguments ...string) error {
	s.signal(syscall.SIGTERM)
	s.wire.close()
	command := s.command
	defer func() { s.command = command }()
	s.command = append(command[:len(command):len(command)], arguments...)
	if err := s.start(); err != nil {
		return err
	}
	return s.awaitReady(ctx)
}

// count returns how many executions a graph has, or 0.
func (s *server) count(ctx context.Context, g graph) int {
	list, err := s.api.Executions(ctx, graphURN(g), client.ListQuery{Limit: 1})
	if err != nil {
		return 0
	}
	return int(list.Count)
}
