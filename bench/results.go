package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
)

// results are the figures of one run.
type results struct {
	Cores         int              `json:"cores"`
	Go            string           `json:"go"`
	Rounds        int              `json:"rounds"`
	Seconds       float64          `json:"seconds_per_round"`
	Others        float64          `json:"others_share"` // of the processors, taken by other programs meanwhile
	Append        quantiles        `json:"append"`
	Throughput    []throughput     `json:"throughput"`
	Waiting       []waiting        `json:"waiting"`
	Postgres      *postgresFigures `json:"postgres"`
	Stored        *storedFigures   `json:"stored"`
	Removal       *removal         `json:"removal"`
	SlowDisk      *slowDisk        `json:"slow_disk"`
	Overload      *overload        `json:"overload"`
	OverloadAlone *overload        `json:"overload_alone"` // the server has one processor for itself, the clients another
	Fairness      *fairness        `json:"fairness"`
	FairnessAlone *fairness        `json:"fairness_alone"` // likewise
	Due           *dueFigures      `json:"due"`
	Runtimes      []runtimeFigures `json:"runtimes"`
	Bars          []bar            `json:"bars"`
	Failures      []string         `json:"failures"`
}

func newResults(p plan) results {
	return results{
		Cores:   runtime.NumCPU(),
		Go:      runtime.Version(),
		Rounds:  p.rounds,
		Seconds: p.duration.Seconds(),
	}
}

// throughputOf returns the figures of a graph at a number of clients.
func (r results) throughputOf(graph string, clients int) (throughput, bool) {
	for _, t := range r.Throughput {
		if t.Graph == graph && t.Clients == clients {
			return t, true
		}
	}
	return throughput{}, false
}

func writeJSON(file string, r results) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the figures: %w", err)
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}
