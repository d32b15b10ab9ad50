package main

import (
	"math"
	"slices"
	"time"
)

// quantiles sum up how long calls took, in milliseconds.
type quantiles struct {
	P50 float64 `json:"p50_ms"`
	P99 float64 `json:"p99_ms"`
	Max float64 `json:"max_ms"`
}

// quantilesOf sorts the times in place.
func quantilesOf(times []time.Duration) quantiles {
	if len(times) == 0 {
		return quantiles{}
	}
	slices.Sort(times)
	at := func(share float64) float64 {
		rank := int(math.Ceil(share*float64(len(times)))) - 1
		return milliseconds(times[max(rank, 0)])
	}
	return quantiles{P50: at(0.5), P99: at(0.99), Max: at(1)}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// medianOf returns the median of one figure of several rounds; of an even
// number of them the lower one in the middle.
func medianOf[R any](rounds []R, figure func(R) float64) float64 {
	if len(rounds) == 0 {
		return 0
	}
	figures := make([]float64, len(rounds))
	for i, r := range rounds {
		figures[i] = figure(r)
	}
	slices.Sort(figures)
	return figures[(len(figures)-1)/2]
}

// medianQuantiles returns the median of each quantile.
func medianQuantiles[R any](rounds []R, of func(R) quantiles) quantiles {
	return quantiles{
		P50: medianOf(rounds, func(r R) float64 { return of(r).P50 }),
		P99: medianOf(rounds, func(r R) float64 { return of(r).P99 }),
		Max: medianOf(rounds, func(r R) float64 { return of(r).Max }),
	}
}
