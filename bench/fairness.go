package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"heddle/internal/client"
)

// fairness is what becomes of the starts of a quiet project while another floods
// the server with its own.
type fairness struct {
	Capacity float64   `json:"capacity_per_second"` // of the pass graph: what a closed loop reaches
	Floods   []flooded `json:"floods"`
}

// flooded is the quiet project during one flood, and just before it.
type flooded struct {
	Flood   string    `json:"flood"`
	Alone   quantiles `json:"alone"`
	During  quantiles `json:"during"`
	Ratio   float64   `json:"p99_ratio"`
	Refused int       `json:"refused"`            // of the quiet project's starts
	Goodput float64   `json:"goodput_per_second"` // of the flood
	Share   float64   `json:"refused_share"`      // of the flood
}

const (
	quietProject = "quiet"
	quietClients = 32
	quietLoad    = 0.1 // of the capacity
)

// flood is what the other project sends.
type flood struct {
	name    string
	clients int
	load    float64 // of the capacity; 0: a closed loop
}

var floods = []flood{
	{"closed loop, 64 clients", 64, 0},
	{"closed loop, 256 clients", 256, 0},
	{"2 × the capacity", arrivalClients, 2},
	{"5 × the capacity", arrivalClients, 5},
}

// measureFairness measures in both arrangements of overload.
func (b *bench) measureFairness(ctx context.Context, r *results) (err error) {
	if r.Fairness, err = b.fairness(ctx, setup{}); err != nil {
		return err
	}
	back, pinned, err := pinSelf()
	if err != nil || !pinned {
		return err
	}
	defer back()
	r.FairnessAlone, err = b.fairness(ctx, alone())
	return err
}

func (b *bench) fairness(ctx context.Context, how setup) (*fairness, error) {
	var rounds []fairness
	for n := range b.plan.rounds {
		one, err := b.fairnessRound(ctx, how, n+1)
		if err != nil {
			return nil, err
		}
		rounds = append(rounds, one)
	}
	return medianFairness(rounds), nil
}

func (b *bench) fairnessRound(ctx context.Context, how setup, n int) (f fairness, err error) {
	s, err := b.newServer(ctx, how, pass)
	if err != nil {
		return f, err
	}
	defer s.remove()
	quiet, err := client.New(client.Config{Server: s.url, Project: quietProject, Transport: s.wire.transport})
	if err != nil {
		return f, err
	}
	if _, err := quiet.CreateGraph(ctx, client.NewGraph{Name: pass.Name, Definition: pass.definition}); err != nil {
		return f, err
	}
	if f.Capacity, err = b.capacity(ctx, s); err != nil {
		return f, fmt.Errorf("closed loop: %w\n%s", err, s.log())
	}
	still, err := newThins(s.url, quietProject, quietClients)
	defer closeThins(still)
	if err != nil {
		return f, err
	}
	calm := arrivals{clients: still, rate: quietLoad * f.Capacity, duration: b.plan.duration}
	started := 0
	for _, fl := range floods {
		b.progress("  round %d: %s", n, fl.name)
		before, err := calm.drive(ctx)
		if err != nil {
			return f, fmt.Errorf("alone: %w\n%s", err, s.log())
		}
		one, err := s.flood(ctx, calm, fl, f.Capacity)
		if err != nil {
			return f, fmt.Errorf("%s: %w\n%s", fl.name, err, s.log())
		}
		started += len(before.accepted) + one.accepted
		one.Alone = quantilesOf(before.accepted)
		one.Ratio = one.During.P99 / one.Alone.P99
		f.Floods = append(f.Floods, one.flooded)
	}
	missing, err := s.verify(ctx, pass, client.StatusSuccess)
	if err == nil && missing > 0 {
		err = fmt.Errorf("%d executions have not ended", missing)
	}
	if err != nil {
		return f, err
	}
	list, err := quiet.Executions(ctx, graphURNIn(quietProject, pass), client.ListQuery{Limit: 1})
	if err == nil && list.Count != started {
		err = fmt.Errorf("%d executions of the quiet project were started, and the server counts %d", started, list.Count)
	}
	return f, err
}

// outcome is what came of a flood, and how many of the quiet starts were accepted.
type outcome struct {
	flooded
	accepted int
}

// flood lets both projects start executions. The quiet one begins a moment later,
// and the flood ends a moment after it.
func (s *server) flood(ctx context.Context, calm arrivals, fl flood, capacity float64) (o outcome, err error) {
	const margin = 200 * time.Millisecond
	clients, err := newThins(s.url, project, fl.clients)
	defer closeThins(clients)
	if err != nil {
		return o, err
	}
	type drawn struct {
		reception
		error
	}
	ended := make(chan drawn, 1)
	go func() {
		r, err := s.arrive(ctx, clients, fl.load*capacity, calm.duration+2*margin)
		ended <- drawn{r, err}
	}()
	time.Sleep(margin)
	quiet, err := calm.drive(ctx)
	loud := <-ended
	if err := errors.Join(err, loud.error); err != nil {
		return o, err
	}
	return outcome{flooded{
		Flood: fl.name, During: quantilesOf(quiet.accepted), Refused: len(quiet.refused) + quiet.unsent,
		Goodput: loud.goodput(), Share: float64(len(loud.refused)) / float64(len(loud.accepted)+len(loud.refused)),
	}, len(quiet.accepted)}, nil
}

// medianFairness returns the medians of all figures.
func medianFairness(rounds []fairness) *fairness {
	f := fairness{Capacity: medianOf(rounds, func(f fairness) float64 { return f.Capacity })}
	for i, fl := range floods {
		of := func(get func(flooded) float64) float64 {
			return medianOf(rounds, func(f fairness) float64 { return get(f.Floods[i]) })
		}
		f.Floods = append(f.Floods, flooded{
			Flood:   fl.name,
			Alone:   medianQuantiles(rounds, func(f fairness) quantiles { return f.Floods[i].Alone }),
			During:  medianQuantiles(rounds, func(f fairness) quantiles { return f.Floods[i].During }),
			Ratio:   of(func(o flooded) float64 { return o.Ratio }),
			Refused: int(of(func(o flooded) float64 { return float64(o.Refused) })),
			Goodput: of(func(o flooded) float64 { return o.Goodput }),
			Share:   of(func(o flooded) float64 { return o.Share }),
		})
	}
	return &f
}
