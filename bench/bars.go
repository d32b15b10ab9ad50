package main

import (
	"fmt"
	"slices"
)

// bar is a figure that Heddle wants to reach, and what it was in this run.
type bar struct {
	Name     string  `json:"name"`
	Got      float64 `json:"got"`
	Want     float64 `json:"want"`
	AtMost   bool    `json:"at_most"` // want is an upper bound
	Unit     string  `json:"unit"`    // empty for a ratio
	Measured bool    `json:"measured"`
}

func atLeast(name string, want float64) bar { return bar{Name: name, Want: want} }

func atMost(name string, want float64, unit string) bar {
	return bar{Name: name, Want: want, Unit: unit, AtMost: true}
}

// measured fills in what was measured.
func (b bar) measured(got float64) bar {
	b.Got, b.Measured = got, true
	return b
}

func (b bar) verdict() string {
	switch {
	case !b.Measured:
		return "not measured"
	case b.AtMost && b.Got <= b.Want, !b.AtMost && b.Got >= b.Want:
		return "PASS"
	case b.AtMost:
		return fmt.Sprintf("over by %.0f %%", 100*(b.Got/b.Want-1))
	default:
		return fmt.Sprintf("short by %.0f %%", 100*(1-b.Got/b.Want))
	}
}

// barsOf holds the results against what is to be reached.
func barsOf(r results) []bar {
	bars := throughputBars(r)
	bars = append(bars, waitingBars(r, storeSQLite, 100_000, 96, 1)...)
	bars = append(bars, waitingBars(r, storePostgres, 100_000, 96, 1)...)
	bars = append(bars, waitingBars(r, storeSQLite, waitingFull, 400, 4)...)
	bars = append(bars, storedBars(r)...)
	bars = append(bars, removalBars(r)...)
	both := atLeast("6. PostgreSQL, pass graph, 64 clients: rate, of that on SQLite", 0.5)
	if p := r.Postgres; p != nil && p.NotMeasured == "" {
		both = both.measured(p.Postgres.Rate / p.SQLite.Rate)
	}
	bars = append(bars, both)
	slow := atLeast("7. fsync of 2 ms more, pass graph, 256 clients: rate, of that without", 0.5)
	if d := r.SlowDisk; d != nil && d.NotMeasured == "" {
		slow = slow.measured(d.SlowRate / d.Rate)
	}
	return slices.Concat(bars, []bar{slow}, overloadBars(r), dueBars(r), fairnessBars("shared", r.Fairness), fairnessBars("one for the server", r.FairnessAlone))
}

func throughputBars(r results) []bar {
	bars := []bar{
		atLeast("1. pass graph, 64 clients: rate, of the bare echo's", 0.25),
		atLeast("2. one call, 64 clients: rate, of the bare caller's", 0.25),
		atLeast("2. five calls, 64 clients: rate, of the bare caller's", 0.25),
		atMost("3. pass graph, 1 client: p50 of the start call, of an echo and an append", 2, ""),
		atMost("3. pass graph, 64 clients: p99 of the start call, of its p50", 5, ""),
	}
	for i, name := range []string{pass.Name, oneCall.Name, fiveCalls.Name} {
		if t, found := r.throughputOf(name, 64); found {
			bars[i] = bars[i].measured(t.ratio())
		}
	}
	if t, found := r.throughputOf(pass.Name, 1); found {
		bars[3] = bars[3].measured(t.Start.P50 / (t.Reference.P50 + r.Append.P50))
	}
	if t, found := r.throughputOf(pass.Name, 64); found {
		bars[4] = bars[4].measured(t.Start.P99 / t.Start.P50)
	}
	return bars
}

func waitingBars(r results, store string, executions int, mebibytes, seconds float64) []bar {
	prefix := fmt.Sprintf("4. %s waiting, %s: ", thousands(float64(executions)), store)
	bars := []bar{
		atMost(prefix+"memory at rest", mebibytes, "MiB"),
		atMost(prefix+"disk for each", 1024, "bytes"),
		atMost(prefix+"serving again after kill -9", seconds, "s"),
	}
	for _, w := range r.Waiting {
		if w.Store == store && w.Executions == executions {
			bars[0] = bars[0].measured(w.residentMax())
			bars[1] = bars[1].measured(w.Disk)
			bars[2] = bars[2].measured(w.ServingAgain / 1000)
		}
	}
	return bars
}

func storedBars(r results) []bar {
	bars := []bar{
		atLeast("5. 1,000,000 stored: pass graph's rate, of that on an empty store", 0.9),
		atMost("5. 1,000,000 stored: slowest list call", 50, "ms"),
	}
	s := r.Stored
	if s == nil || s.Executions < storedDefault {
		return bars
	}
	slowest := 0.0
	for _, l := range s.Lists {
		slowest = max(slowest, l.Time.Max)
	}
	return []bar{bars[0].measured(s.FullRate / s.EmptyRate), bars[1].measured(slowest)}
}

// overloadBars are those of both arrangements: how the server fares when the
// clients cannot take its processor, and when they can.
func overloadBars(r results) []bar {
	return append(overloadBarsOf("8. pass graph, twice the capacity: ", r.Overload),
		overloadBarsOf("8. the same, with a processor for the server: ", r.OverloadAlone)...)
}

func overloadBarsOf(prefix string, o *overload) []bar {
	bars := []bar{
		atLeast(prefix+"acknowledged starts, of the capacity", 0.9),
		atMost(prefix+"p99 of the acknowledged, of that at 0.7 of it", 5, ""),
		atMost(prefix+"p99 of the acknowledged at 1.4 of it, twice what is sustainable, of that at 0.7", 5, ""),
		atMost(prefix+"p99 of the refused", 50, "ms"),
	}
	if o != nil {
		bars[0] = bars[0].measured(o.at(2).Goodput / o.Capacity)
		bars[1] = bars[1].measured(o.at(2).Accepted.P99 / o.at(sustainable).Accepted.P99)
		bars[2] = bars[2].measured(o.at(2*sustainable).Accepted.P99 / o.at(sustainable).Accepted.P99)
		bars[3] = bars[3].measured(o.at(2).Refused.P99)
	}
	return bars
}

// fairnessBars are those of one arrangement of the processors.
func fairnessBars(processors string, f *fairness) (bars []bar) {
	for i, fl := range floods {
		b := atMost(fmt.Sprintf("10. processors %s; flood: %s: p99 of a quiet project's starts, of that alone", processors, fl.name), 1.25, "")
		if f != nil {
			b = b.measured(f.Floods[i].Ratio)
		}
		bars = append(bars, b)
	}
	return bars
}

func dueBars(r results) []bar {
	bars := []bar{
		atMost("9. 100,000 due in the same second: until all have ended", 20, "s"),
		atMost("9. 100,000 due in the same second: p99 of the start call meanwhile", 250, "ms"),
	}
	if d := r.Due; d != nil && d.Executions >= 100_000 {
		bars[0] = bars[0].measured(d.Took)
		bars[1] = bars[1].measured(d.During.P99)
	}
	return bars
}

func removalBars(r results) []bar {
	bars := []bar{
		atLeast("5. old executions are removed: pass graph's rate, of that without", 0.75),
		atLeast("5. a deleted graph is removed: pass graph's rate, of that without", 0.75),
		atMost("5. a graph with 1,000,000 executions is deleted: hidden after", 50, "ms"),
	}
	f := r.Removal
	if f == nil || r.Stored.Executions < storedDefault {
		return bars
	}
	if f.Expiring != nil {
		bars[0] = bars[0].measured(f.Expiring.Rate / f.Quiet.Rate)
	}
	bars[1] = bars[1].measured(f.Deleting.Rate / f.Quiet.Rate)
	bars[2] = bars[2].measured(f.HiddenTime)
	return bars
}
