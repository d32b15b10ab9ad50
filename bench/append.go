package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// appendRound measures what the disk asks for one durable write: a page is
// appended to a file, and fsync waits for it.
func (b *bench) appendRound() (quantiles, error) {
	const (
		appends  = 200
		pageSize = 4096
	)
	file, err := os.Create(filepath.Join(b.dir, "append"))
	if err != nil {
		return quantiles{}, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	page := make([]byte, pageSize)
	times := make([]time.Duration, appends)
	for i := range times {
		began := time.Now()
		if _, err := file.Write(page); err != nil {
			return quantiles{}, err
		}
		if err := file.Sync(); err != nil {
			return quantiles{}, fmt.Errorf("append: %w", err)
		}
		times[i] = time.Since(began)
	}
	return quantilesOf(times), nil
}
