package main

import (
	"context"
	"fmt"

	"heddle/internal/client"
)

// storedFigures compares an empty store with one that holds many executions
// that have ended.
type storedFigures struct {
	Executions int       `json:"executions"`
	FillRate   float64   `json:"fill_per_second"`
	Disk       float64   `json:"disk_bytes_each"`
	EmptyRate  float64   `json:"empty_per_second"` // of the pass graph
	FullRate   float64   `json:"full_per_second"`
	EmptyStart quantiles `json:"empty_start"`
	FullStart  quantiles `json:"full_start"`
	Resident   int64     `json:"resident_bytes"`
	Lists      []list    `json:"lists"`
}

// storedClients make the load under which the two stores are compared.
const storedClients = 64

func (b *bench) measureStored(ctx context.Context, r *results) error {
	f := storedFigures{Executions: b.plan.stored}
	s, err := b.newServer(ctx, setup{}, pass)
	if err != nil {
		return err
	}
	defer s.remove()
	b.progress("  %d executions run and end", b.plan.stored)
	first := numbers.Load() + 1
	if f.FillRate, f.Disk, err = s.fill(ctx, pass, b.plan.stored, client.StatusSuccess); err != nil {
		return fmt.Errorf("fill the store: %w", err)
	}
	b.progress("  lists")
	if f.Lists, err = b.lists(ctx, s, span{first, numbers.Load()}); err != nil {
		return err
	}
	var empty, full []round
	for n := range b.plan.rounds {
		b.progress("  round %d: an empty store, then the full one", n+1)
		one, err := b.freshRound(ctx, setup{}, pass, storedClients)
		if err != nil {
			return fmt.Errorf("empty store: %w", err)
		}
		empty = append(empty, one)
		if one, err = b.round(ctx, s, pass, storedClients); err != nil {
			return fmt.Errorf("full store: %w", err)
		}
		full = append(full, one)
	}
	start := func(r round) quantiles { return r.start }
	f.EmptyRate, f.FullRate = medianOf(empty, round.perSecond), medianOf(full, round.perSecond)
	f.EmptyStart, f.FullStart = medianQuantiles(empty, start), medianQuantiles(full, start)
	if f.Resident, err = b.residentAtRest(ctx, s); err != nil {
		return err
	}
	r.Stored = &f
	return b.measureRemoval(ctx, s, r)
}
