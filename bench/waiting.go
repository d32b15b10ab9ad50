package main

import (
	"context"
	"fmt"
	"time"

	"heddle/internal/client"
)

// waiting is what executions cost that wait for a day.
type waiting struct {
	Store        string  `json:"store"`
	Executions   int     `json:"executions"`
	Rate         float64 `json:"starts_per_second"`  // while they were made
	Resident     int64   `json:"resident_bytes"`     // of the server at rest, with all of them
	Empty        int64   `json:"empty_bytes"`        // of the server before the first
	Restarted    int64   `json:"restarted_bytes"`    // resident, after a restart
	Disk         float64 `json:"disk_bytes_each"`    // in the data directory
	ServingAgain float64 `json:"serving_again_ms"`   // from the restart after a kill to the first start that is answered
	Slowest      float64 `json:"serving_slowest_ms"` // of the restarts
}

func (b *bench) measureWaiting(ctx context.Context, r *results) error {
	for _, n := range b.plan.waiting {
		w, err := b.waiting(ctx, setup{}, n)
		if err != nil {
			return fmt.Errorf("%d waiting: %w", n, err)
		}
		r.Waiting = append(r.Waiting, w)
	}
	return nil
}

func (b *bench) waiting(ctx context.Context, how setup, n int) (waiting, error) {
	w := waiting{Store: how.store(), Executions: n}
	s, err := b.newServer(ctx, how, wait)
	if err != nil {
		return w, err
	}
	defer s.remove()
	if w.Empty, err = s.resident(); err != nil {
		return w, err
	}
	b.progress("  %d executions begin to wait", n)
	if w.Rate, w.Disk, err = s.fill(ctx, wait, n, client.StatusRunning); err != nil {
		return w, err
	}
	if w.Resident, err = b.residentAtRest(ctx, s); err != nil {
		return w, err
	}
	b.progress("  kill -9 and serve again")
	times := make([]time.Duration, b.plan.rounds)
	for i := range times {
		s.kill()
		if times[i], err = s.serveAgain(ctx); err != nil {
			return w, fmt.Errorf("%w\n%s", err, s.log())
		}
	}
	w.ServingAgain = medianOf(times, milliseconds)
	w.Slowest = quantilesOf(times).Max
	if w.Restarted, err = b.residentAtRest(ctx, s); err != nil {
		return w, err
	}
	_, err = s.verify(ctx, wait, client.StatusRunning)
	return w, err
}

// residentMax is the larger of the two figures of memory at rest, in MiB.
func (w waiting) residentMax() float64 {
	return float64(max(w.Resident, w.Restarted)) / (1 << 20)
}

// residentAtRest reads the memory after a while in which nothing is asked.
func (b *bench) residentAtRest(ctx context.Context, s *server) (int64, error) {
	select {
	case <-time.After(b.plan.pause):
		return s.resident()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// fill makes n executions, verifies that they have the status, and returns how
// many were made in a second and how many bytes each takes on the disk.
func (s *server) fill(ctx context.Context, g graph, n int, status string) (rate, disk float64, err error) {
	before, err := s.stored(ctx)
	if err != nil {
		return 0, 0, err
	}
	t, err := s.load(ctx, g, load{clients: fillClients, duration: fillMax, calls: int64(n)})
	if err != nil {
		return 0, 0, err
	}
	if t.calls < int64(n) {
		return 0, 0, fmt.Errorf("only %d of %d executions could be made in %s", t.calls, n, fillMax)
	}
	after, err := s.stored(ctx)
	if err != nil {
		return 0, 0, err
	}
	if _, err := s.verify(ctx, g, status); err != nil {
		return 0, 0, err
	}
	return float64(n) / t.elapsed.Seconds(), float64(after-before) / float64(n), nil
}

// fillMax is above what a million executions need at a thousandth of a second
// each.
const fillMax = 20 * time.Minute

// serveAgain starts a killed server and returns how long it took until a start
// was answered.
func (s *server) serveAgain(ctx context.Context) (time.Duration, error) {
	c, err := newStarter(s, wait, 0)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := s.start(); err != nil {
		return 0, err
	}
	err = s.untilAnswered(ctx, func(ctx context.Context) error {
		_, err := c.call(ctx, numbers.Add(1))
		return err
	})
	s.started[wait.Name]++
	return time.Since(began), err
}
