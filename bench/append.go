package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// measureAppend measures what the disk asks for one durable write: a page is
// appended to a file, and fsync waits for it.
func (b *bench) measureAppend(_ context.Context, r *results) error {
	const (
		appends  = 200
		pageSize = 4096
	)
	file, err := os.Create(filepath.Join(b.dir, "append"))
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	var rounds []quantiles
	for range b.plan.rounds {
		times := make([]time.Duration, appends)
		for i := range times {
			began := time.Now()
			if _, err := file.Write(make([]byte, pageSize)); err != nil {
				return err
			}
			if err := file.Sync(); err != nil {
				return fmt.Errorf("append: %w", err)
			}
			times[i] = time.Since(began)
		}
		rounds = append(rounds, quantilesOf(times))
	}
	r.Append = medianQuantiles(rounds, func(q quantiles) quantiles { return q })
	return nil
}
