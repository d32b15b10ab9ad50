package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"heddle/internal/client"
)

// overload is what a server does while starts arrive at a constant rate, of
// which the last ones are more than it can take.
type overload struct {
	Capacity float64     `json:"capacity_per_second"` // of the pass graph: what a closed loop reaches
	Steps    []arriving  `json:"steps"`
	Back     []backAgain `json:"back"`
}

// arriving is what came of one rate.
type arriving struct {
	Load     float64   `json:"load"`               // of the capacity
	Goodput  float64   `json:"goodput_per_second"` // starts that were acknowledged
	Share    float64   `json:"refused_share"`      // of those that were sent
	Unsent   float64   `json:"unsent_share"`       // of all: no client was free in time
	Accepted quantiles `json:"accepted"`
	Refused  quantiles `json:"refused"`
	Resident int64     `json:"resident_bytes"` // at the end of it
	Server   float64   `json:"server_cpu_us"`  // of the server, for each answer
	Clients  float64   `json:"clients_cpu_us"` // of the clients
}

// backAgain is how long the server takes after an overload until it is as before.
type backAgain struct {
	Load float64       `json:"load"`
	Took time.Duration `json:"took_ns"`
}

const (
	overloadClients = 64   // of the closed loop, as in the first bar
	arrivalClients  = 1024 // of the open loop: far more than the server lets in at a time
	sustainable     = 0.7  // of the capacity
)

// overloads are the loads that are measured, of the capacity.
var overloads = []float64{sustainable, 1, 2 * sustainable, 2, 5}

// The server is as before in the first window after an overload from which on
// nothing is refused and the slowest are answered as fast as before, within a
// factor that noise does not reach.
const (
	backWindow = 250 * time.Millisecond
	backFactor = 3
	backMax    = 5 * time.Second
)

// measureOverload measures each load in each round, on a fresh server: once with
// all programs on all processors, and once with the server on one of its own.
func (b *bench) measureOverload(ctx context.Context, r *results) (err error) {
	if r.Overload, err = b.overload(ctx, setup{}); err != nil {
		return err
	}
	back, pinned, err := pinSelf()
	if err != nil || !pinned {
		return err
	}
	defer back()
	r.OverloadAlone, err = b.overload(ctx, alone())
	return err
}

func (b *bench) overload(ctx context.Context, how setup) (*overload, error) {
	var rounds []overload
	for n := range b.plan.rounds {
		one, err := b.overloadRound(ctx, how, n+1)
		if err != nil {
			return nil, err
		}
		rounds = append(rounds, one)
	}
	return medianOverload(rounds), nil
}

func (b *bench) overloadRound(ctx context.Context, how setup, n int) (o overload, err error) {
	s, err := b.newServer(ctx, how, pass)
	if err != nil {
		return o, err
	}
	defer s.remove()
	b.progress("  round %d: closed loop, clients: %d", n, overloadClients)
	if o.Capacity, err = b.capacity(ctx, s); err != nil {
		return o, fmt.Errorf("closed loop: %w\n%s", err, s.log())
	}
	clients, err := newThins(s.url, project, arrivalClients)
	defer closeThins(clients)
	if err != nil {
		return o, err
	}
	for _, load := range overloads {
		b.progress("  round %d: %g × %.0f/s", n, load, o.Capacity)
		one, err := s.arrive(ctx, clients, load*o.Capacity, b.plan.duration)
		if err != nil {
			return o, fmt.Errorf("%g times the capacity: %w\n%s", load, err, s.log())
		}
		step := arriving{
			Load: load, Goodput: one.goodput(),
			Server: one.each(one.server), Clients: one.each(one.clients),
			Share:    float64(len(one.refused)) / float64(len(one.accepted)+len(one.refused)),
			Unsent:   float64(one.unsent) / float64(len(one.accepted)+len(one.refused)+one.unsent),
			Accepted: quantilesOf(one.accepted), Refused: quantilesOf(one.refused),
		}
		if step.Resident, err = s.resident(); err != nil {
			return o, err
		}
		o.Steps = append(o.Steps, step)
		if load <= 1 {
			continue
		}
		calm, err := s.arrive(ctx, clients, sustainable*o.Capacity, backMax)
		if err != nil {
			return o, fmt.Errorf("after %g times the capacity: %w\n%s", load, err, s.log())
		}
		o.Back = append(o.Back, backAgain{load, calm.backAfter(o.Steps[0].Accepted.P99)})
	}
	missing, err := s.verify(ctx, pass, client.StatusSuccess)
	if err == nil && missing > 0 {
		err = fmt.Errorf("%d executions have not ended", missing)
	}
	return o, err
}

// capacity warms the server up and returns how many starts a closed loop makes
// in a second.
func (b *bench) capacity(ctx context.Context, s *server) (rate float64, err error) {
	clients, err := newThins(s.url, project, overloadClients)
	defer closeThins(clients)
	if err != nil {
		return 0, err
	}
	for _, d := range []time.Duration{b.plan.warmUp, b.plan.duration} {
		r, err := s.arrive(ctx, clients, 0, d)
		if err == nil && len(r.refused) > 0 {
			err = errors.New("a start was refused although the loop is closed")
		}
		if err != nil {
			return 0, err
		}
		rate = r.goodput()
	}
	return rate, nil
}

// arrive lets starts arrive, and counts those that were acknowledged: no others
// must be there in the end.
func (s *server) arrive(ctx context.Context, clients []*thin, rate float64, d time.Duration) (reception, error) {
	before, err := s.cpu()
	if err != nil {
		return reception{}, err
	}
	ownBefore, err := used(syscall.RUSAGE_SELF)
	if err != nil {
		return reception{}, err
	}
	r, err := arrivals{clients: clients, rate: rate, duration: d}.drive(ctx)
	s.started[pass.Name] += int64(len(r.accepted))
	after, cpuErr := s.cpu()
	own, ownErr := used(syscall.RUSAGE_SELF)
	r.server, r.clients = after-before, own-ownBefore
	return r, errors.Join(err, cpuErr, ownErr)
}

// backAfter returns when the last window ended that was not as in calm times,
// whose p99 is given in milliseconds; 0 if all were.
func (r reception) backAfter(calm float64) (back time.Duration) {
	windows := map[time.Duration][]time.Duration{}
	for i, at := range r.at {
		w := at.Truncate(backWindow)
		windows[w] = append(windows[w], r.accepted[i])
	}
	for w, times := range windows {
		if quantilesOf(times).P99 > backFactor*calm {
			back = max(back, w+backWindow)
		}
	}
	return back
}

// medianOverload returns the medians of all figures.
func medianOverload(rounds []overload) *overload {
	o := overload{Capacity: medianOf(rounds, func(o overload) float64 { return o.Capacity })}
	for i, load := range overloads {
		step := func(f func(arriving) float64) float64 {
			return medianOf(rounds, func(o overload) float64 { return f(o.Steps[i]) })
		}
		o.Steps = append(o.Steps, arriving{
			Load:     load,
			Goodput:  step(func(a arriving) float64 { return a.Goodput }),
			Share:    step(func(a arriving) float64 { return a.Share }),
			Unsent:   step(func(a arriving) float64 { return a.Unsent }),
			Accepted: medianQuantiles(rounds, func(o overload) quantiles { return o.Steps[i].Accepted }),
			Refused:  medianQuantiles(rounds, func(o overload) quantiles { return o.Steps[i].Refused }),
			Server:   step(func(a arriving) float64 { return a.Server }),
			Clients:  step(func(a arriving) float64 { return a.Clients }),
			Resident: int64(step(func(a arriving) float64 { return float64(a.Resident) })),
		})
	}
	for i, back := range rounds[0].Back {
		back.Took = time.Duration(medianOf(rounds, func(o overload) float64 { return float64(o.Back[i].Took) }))
		o.Back = append(o.Back, back)
	}
	return &o
}

// at returns the figures of a load.
func (o overload) at(load float64) arriving {
	i := slices.IndexFunc(o.Steps, func(a arriving) bool { return a.Load == load })
	return o.Steps[i]
}
