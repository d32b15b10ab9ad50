package main

import (
	"context"
	"fmt"
	"time"

	"heddle/internal/client"
)

// throughput is what one graph does at one number of clients, and what the
// reference does in its place.
type throughput struct {
	Graph         string    `json:"graph"`
	Clients       int       `json:"clients"`
	Rate          float64   `json:"executions_per_second"` // completed
	ReferenceRate float64   `json:"reference_per_second"`
	Start         quantiles `json:"start"` // of the start call
	End           quantiles `json:"end"`   // from the start call to the end as the API tells it
	Reference     quantiles `json:"reference"`
	CPU           float64   `json:"server_cpu_ms"` // for each execution
}

func (t throughput) ratio() float64 { return t.Rate / t.ReferenceRate }

// round is one round of a throughput.
type round struct {
	rate  float64
	start quantiles
	end   quantiles
	cpu   time.Duration // for each execution
}

// measureThroughput goes through all graphs and numbers of clients once in
// each round, the reference just before Heddle: when the machine changes its
// mind in the course of the run, it does so for both.
func (b *bench) measureThroughput(ctx context.Context, r *results) error {
	ref, err := b.newReference()
	if err != nil {
		return err
	}
	defer ref.close()
	graphs := []graph{pass, oneCall, fiveCalls}
	type cell struct {
		graph   string
		clients int
	}
	ours, theirs := map[cell][]round{}, map[cell][]round{}
	var appends []quantiles
	for n := range b.plan.rounds {
		one, err := b.appendRound()
		if err != nil {
			return err
		}
		appends = append(appends, one)
		for _, g := range graphs {
			for _, clients := range b.plan.clients {
				b.progress("  round %d: %s, clients: %d", n+1, g.Name, clients)
				bare, durable, err := b.bothRounds(ctx, ref, g, clients)
				if err != nil {
					return fmt.Errorf("%s, %d clients: %w", g.Name, clients, err)
				}
				c := cell{g.Name, clients}
				ours[c], theirs[c] = append(ours[c], durable), append(theirs[c], bare)
			}
		}
	}
	r.Append = medianQuantiles(appends, func(q quantiles) quantiles { return q })
	for _, g := range graphs {
		for _, clients := range b.plan.clients {
			c := cell{g.Name, clients}
			r.Throughput = append(r.Throughput, throughputOf(g, clients, ours[c], theirs[c]))
		}
	}
	return nil
}

// bothRounds measures a round on the reference, and one on Heddle.
func (b *bench) bothRounds(ctx context.Context, ref *reference, g graph, clients int) (bare, durable round, err error) {
	if bare, err = b.referenceRound(ctx, ref, g, clients); err != nil {
		return bare, durable, fmt.Errorf("reference: %w", err)
	}
	durable, err = b.freshRound(ctx, setup{}, g, clients)
	return bare, durable, err
}

func throughputOf(g graph, clients int, ours, theirs []round) throughput {
	return throughput{
		Graph: g.Name, Clients: clients,
		Rate:          medianOf(ours, round.perSecond),
		ReferenceRate: medianOf(theirs, round.perSecond),
		Start:         medianQuantiles(ours, func(r round) quantiles { return r.start }),
		End:           medianQuantiles(ours, func(r round) quantiles { return r.end }),
		Reference:     medianQuantiles(theirs, func(r round) quantiles { return r.start }),
		CPU:           medianOf(ours, func(r round) float64 { return milliseconds(r.cpu) }),
	}
}

func (r round) perSecond() float64 { return r.rate }

// freshRound measures a round on a server that has stored nothing yet.
func (b *bench) freshRound(ctx context.Context, how setup, g graph, clients int) (round, error) {
	s, err := b.newServer(ctx, how, g)
	if err != nil {
		return round{}, err
	}
	defer s.remove()
	return b.round(ctx, s, g, clients)
}

// round warms the server up, measures a round on it, and verifies what the
// round counted.
func (b *bench) round(ctx context.Context, s *server, g graph, clients int) (round, error) {
	if _, err := s.load(ctx, g, load{clients: clients, duration: b.plan.warmUp}); err != nil {
		return round{}, err
	}
	before, err := s.cpu()
	if err != nil {
		return round{}, err
	}
	t, err := s.load(ctx, g, load{clients: clients, duration: b.plan.duration})
	if err != nil {
		return round{}, err
	}
	after, err := s.cpu()
	if err != nil {
		return round{}, err
	}
	missing, err := s.verify(ctx, g, client.StatusSuccess)
	if err != nil {
		return round{}, err
	}
	r := roundOf(t, t.calls-missing)
	r.cpu = (after - before) / time.Duration(t.calls)
	return r, nil
}

// load drives the server with clients that start executions of the graph.
func (s *server) load(ctx context.Context, g graph, l load) (tally, error) {
	t, err := l.drive(ctx, func(i int) (caller, error) { return newStarter(s, g, i) })
	s.started[g.Name] += t.calls
	if err != nil {
		return tally{}, fmt.Errorf("%w\n%s", err, s.log())
	}
	return t, nil
}

func (b *bench) referenceRound(ctx context.Context, ref *reference, g graph, clients int) (round, error) {
	newCaller := func(i int) (caller, error) { return newRequester(ref, g, i) }
	if _, err := (load{clients: clients, duration: b.plan.warmUp}).drive(ctx, newCaller); err != nil {
		return round{}, err
	}
	t, err := load{clients: clients, duration: b.plan.duration}.drive(ctx, newCaller)
	return roundOf(t, t.calls), err
}

func roundOf(t tally, completed int64) round {
	return round{
		rate:  float64(completed) / t.elapsed.Seconds(),
		start: quantilesOf(t.answers),
		end:   quantilesOf(t.ends),
	}
}
