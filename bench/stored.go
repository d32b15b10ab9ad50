package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

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

// list is how long one kind of list call takes.
type list struct {
	Name  string    `json:"name"`
	Query string    `json:"query"`
	Time  quantiles `json:"time"`
}

// storedClients make the load under which the two stores are compared.
const storedClients = 64

func (b *bench) measureStored(ctx context.Context, r *results) error {
	f := storedFigures{Executions: b.plan.stored}
	var empty, full []round
	for n := range b.plan.rounds {
		b.progress("  round %d: an empty store", n+1)
		one, err := b.freshRound(ctx, nil, pass, storedClients)
		if err != nil {
			return fmt.Errorf("empty store: %w", err)
		}
		empty = append(empty, one)
	}
	s, err := b.newServer(ctx, nil, pass)
	if err != nil {
		return err
	}
	defer s.remove()
	b.progress("  %d executions run and end", b.plan.stored)
	if f.FillRate, f.Disk, err = s.fill(ctx, pass, b.plan.stored, client.StatusSuccess); err != nil {
		return fmt.Errorf("fill the store: %w", err)
	}
	for n := range b.plan.rounds {
		b.progress("  round %d: the full store", n+1)
		one, err := b.round(ctx, s, pass, storedClients)
		if err != nil {
			return fmt.Errorf("full store: %w", err)
		}
		full = append(full, one)
	}
	start := func(r round) quantiles { return r.start }
	f.EmptyRate, f.FullRate = medianOf(empty, round.perSecond), medianOf(full, round.perSecond)
	f.EmptyStart, f.FullStart = medianQuantiles(empty, start), medianQuantiles(full, start)
	b.progress("  lists")
	if f.Lists, err = b.lists(ctx, s); err != nil {
		return err
	}
	if f.Resident, err = b.residentAtRest(ctx, s); err != nil {
		return err
	}
	r.Stored = &f
	return nil
}

// lists measures the list calls, on executions of which the newest serves as
// the example.
func (b *bench) lists(ctx context.Context, s *server) ([]list, error) {
	newest, err := s.api.Executions(ctx, graphURN(pass), client.ListQuery{Limit: 1})
	if err != nil {
		return nil, err
	}
	x := newest.Executions[0]
	lists := []list{
		{Name: "first page of 10"},
		{Name: "first page of 1,000", Query: "limit=1000"},
		{Name: "page at start=1000", Query: "start=1000&limit=10"},
		{Name: "prefix that up to 1,000 names have", Query: "limit=10&name=" + x.Name[:len(x.Name)-3]},
		{Name: "prefix that up to 100,000 names have", Query: "limit=10&name=" + x.Name[:len(x.Name)-5]},
		{Name: "prefix that all names have", Query: "limit=10&name=run-"},
		{Name: "by URN", Query: "execution_urn=" + x.URN},
	}
	for i, l := range lists {
		request, err := newRequest(http.MethodGet, s.url+"/v1.0/"+project+"/cloud_graphs/"+graphURN(pass)+"/executions?"+l.Query)
		if err != nil {
			return nil, err
		}
		times := make([]time.Duration, b.plan.lists)
		var answer bytes.Buffer
		for i := range times {
			began := time.Now()
			if err := s.wire.send(ctx, request, nil, &answer); err != nil {
				return nil, fmt.Errorf("list, %s: %w", l.Name, err)
			}
			times[i] = time.Since(began)
		}
		lists[i].Time = quantilesOf(times)
	}
	return lists, nil
}
