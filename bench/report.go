package main

import (
	"fmt"
	"io"
	"strconv"
)

// writeReport writes the results as Markdown. What was not measured has no
// section; the bars say so.
func writeReport(w io.Writer, r results) {
	fmt.Fprintf(w, "# Heddle, measured\n\n%d cores shared by server, clients and functions; %s. Figures are medians; rounds: %d, of %g s each. Other programs took %.0f %% of the processors.\n",
		r.Cores, r.Go, r.Rounds, r.Seconds, 100*r.Others)
	if len(r.Throughput) > 0 {
		writeThroughput(w, r)
	}
	if len(r.Waiting) > 0 {
		writeWaiting(w, r.Waiting)
	}
	if r.Postgres != nil {
		writePostgres(w, *r.Postgres)
	}
	if r.Stored != nil {
		writeStored(w, *r.Stored)
	}
	if r.Removal != nil {
		writeRemoval(w, *r.Removal)
	}
	if r.SlowDisk != nil {
		writeSlowDisk(w, *r.SlowDisk)
	}
	if r.Overload != nil {
		writeOverload(w, "all programs on all processors", *r.Overload)
	}
	if r.OverloadAlone != nil {
		writeOverload(w, "one processor for the server, one for the clients", *r.OverloadAlone)
	}
	if r.Fairness != nil {
		writeFairness(w, "all programs on all processors", *r.Fairness)
	}
	if r.FairnessAlone != nil {
		writeFairness(w, "one processor for the server, one for the clients", *r.FairnessAlone)
	}
	if r.Due != nil {
		writeDue(w, *r.Due)
	}
	if len(r.Runtimes) > 0 {
		writeRuntimes(w, r.Runtimes)
	}
	t := newTable(w, "Bars", "bar", "measured", "to reach", "verdict")
	for _, b := range r.Bars {
		got, bound := "–", "at least "
		if b.Measured {
			got = figure(b.Got) + unit(b.Unit)
		}
		if b.AtMost {
			bound = "at most "
		}
		t.row(b.Name, got, bound+figure(b.Want)+unit(b.Unit), b.verdict())
	}
}

func writeThroughput(w io.Writer, r results) {
	t := newTable(w, "Executions per second, and how long they take (ms)",
		"graph", "clients", "completed/s", "reference/s", "ratio", "start p50", "p99", "start to end p50", "p99", "reference p50", "p99", "server CPU each")
	for _, c := range r.Throughput {
		t.row(c.Graph, c.Clients, thousands(c.Rate), thousands(c.ReferenceRate), c.ratio(),
			c.Start.P50, c.Start.P99, c.End.P50, c.End.P99, c.Reference.P50, c.Reference.P99, c.CPU)
	}
	fmt.Fprintf(w, "\nThe reference of %s is the bare echo, that of the others the bare caller. A write of 4 KiB with fsync takes %s ms (p50; p99 %s).\n",
		pass.Name, figure(r.Append.P50), figure(r.Append.P99))
}

func writeWaiting(w io.Writer, all []waiting) {
	t := newTable(w, "Executions that wait in a DELAY of a day",
		"store", "waiting", "starts/s", "memory of the empty server", "at rest", "after a restart", "disk each", "serving again after kill -9", "slowest")
	for _, x := range all {
		t.row(x.Store, thousands(float64(x.Executions)), thousands(x.Rate), mebibytes(x.Empty), mebibytes(x.Resident), mebibytes(x.Restarted),
			thousands(x.Disk)+" bytes", figure(x.ServingAgain)+" ms", figure(x.Slowest)+" ms")
	}
}

func writePostgres(w io.Writer, p postgresFigures) {
	if p.NotMeasured != "" {
		fmt.Fprintf(w, "\n## PostgreSQL\n\nNot measured: %s.\n", p.NotMeasured)
		return
	}
	t := newTable(w, "The pass graph on both stores, 64 clients", "store", "completed/s", "start p50 (ms)", "p99 (ms)", "server CPU each")
	t.row(storeSQLite, thousands(p.SQLite.Rate), p.SQLite.Start.P50, p.SQLite.Start.P99, p.SQLite.CPU)
	t.row(storePostgres, thousands(p.Postgres.Rate), p.Postgres.Start.P50, p.Postgres.Start.P99, p.Postgres.CPU)
	fmt.Fprintf(w, "\nThe processor time is Heddle's alone, without that of the database.\n")
}

func writeStored(w io.Writer, s storedFigures) {
	n := thousands(float64(s.Executions))
	t := newTable(w, "The pass graph with executions stored, 64 clients",
		"store", "completed/s", "start p50 (ms)", "p99 (ms)", "disk each", "memory")
	t.row("empty", thousands(s.EmptyRate), s.EmptyStart.P50, s.EmptyStart.P99, "–", "–")
	t.row(n+" ended", thousands(s.FullRate), s.FullStart.P50, s.FullStart.P99, thousands(s.Disk)+" bytes", mebibytes(s.Resident))
	fmt.Fprintf(w, "\nThey were made at %s a second.\n", thousands(s.FillRate))
	t = newTable(w, "Lists of the executions of that graph", "list", "count", "p50 (ms)", "slowest (ms)")
	for _, l := range s.Lists {
		t.row(l.Name, thousands(float64(l.Count)), l.Time.P50, l.Time.Max)
	}
}

func writeRemoval(w io.Writer, r removal) {
	t := newTable(w, "The pass graph while another graph's executions are removed, 64 clients",
		"removed", "completed/s", "start p50 (ms)", "p99 (ms)")
	row := func(what string, b busy) { t.row(what, thousands(b.Rate), b.Start.P50, b.Start.P99) }
	row("nothing", r.Quiet)
	if r.Expiring != nil {
		row(fmt.Sprintf("what ended a minute ago: %s a second", thousands(r.Expired)), *r.Expiring)
	}
	row("a deleted graph", r.Deleting)
	fmt.Fprintf(w, "\nThe call that deletes the graph took %s ms; %s ms after it began the executions were not listed any more.\n",
		figure(r.DeleteTime), figure(r.HiddenTime))
}

func writeSlowDisk(w io.Writer, d slowDisk) {
	if d.NotMeasured != "" {
		fmt.Fprintf(w, "\n## A slower disk\n\nNot measured: %s.\n", d.NotMeasured)
		return
	}
	t := newTable(w, "A slower disk: the pass graph, 256 clients", "disk", "completed/s", "start p50 (ms)", "p99 (ms)")
	t.row("as it is", thousands(d.Rate), d.Start.P50, d.Start.P99)
	t.row("2 ms more for each fsync", thousands(d.SlowRate), d.SlowStart.P50, d.SlowStart.P99)
}

func writeOverload(w io.Writer, where string, o overload) {
	t := newTable(w, "More starts than the server can take: the pass graph, "+where,
		"load", "arrive/s", "acknowledged/s", "refused", "not sent", "acknowledged p50 (ms)", "p99 (ms)", "refused p50 (ms)", "p99 (ms)", "memory", "server CPU each (µs)", "clients'")
	for _, a := range o.Steps {
		t.row(figure(a.Load)+" ×", thousands(a.Load*o.Capacity), thousands(a.Goodput), figure(100*a.Share)+" %", figure(100*a.Unsent)+" %",
			a.Accepted.P50, a.Accepted.P99, a.Refused.P50, a.Refused.P99, mebibytes(a.Resident), a.Server, a.Clients)
	}
	fmt.Fprintf(w, "\nThe capacity is %s starts a second, in a closed loop of %d clients.\n", thousands(o.Capacity), overloadClients)
	for _, b := range o.Back {
		fmt.Fprintf(w, "After %g times the capacity, %g of it is served as before again within %.2f s.\n", b.Load, sustainable, b.Took.Seconds())
	}
}

func writeFairness(w io.Writer, where string, f fairness) {
	t := newTable(w, "A quiet project while another floods: the pass graph, "+where,
		"flood", "its starts/s", "refused", "quiet p50 alone (ms)", "p99", "p50 during (ms)", "p99", "p99, of that alone", "quiet starts refused")
	for _, o := range f.Floods {
		t.row(o.Flood, thousands(o.Goodput), figure(100*o.Share)+" %", o.Alone.P50, o.Alone.P99, o.During.P50, o.During.P99, o.Ratio, o.Refused)
	}
	fmt.Fprintf(w, "\nThe quiet project starts %s a second, %g of the capacity of %s, over %d connections.\n",
		thousands(quietLoad*f.Capacity), quietLoad, thousands(f.Capacity), quietClients)
}

func writeDue(w io.Writer, d dueFigures) {
	t := newTable(w, thousands(float64(d.Executions))+" executions are due in the same second: the pass graph beside them",
		"when", "starts/s", "start p50 (ms)", "p99 (ms)")
	t.row("before", thousands(d.Rate), d.Before.P50, d.Before.P99)
	t.row("until they have ended", thousands(d.DuringRate), d.During.P50, d.During.P99)
	fmt.Fprintf(w, "\n%d clients. All had ended %s s after they were due. The p99 is then %s times that before.\n",
		dueClients, figure(d.Took), figure(d.During.P99/d.Before.P99))
}

// table is a Markdown table under a heading.
type table struct{ w io.Writer }

func newTable(w io.Writer, heading string, columns ...any) table {
	t := table{w}
	fmt.Fprintf(w, "\n## %s\n\n", heading)
	t.row(columns...)
	for range columns {
		fmt.Fprint(w, "|---")
	}
	fmt.Fprintln(w, "|")
	return t
}

func (t table) row(cells ...any) {
	for _, cell := range cells {
		if f, is := cell.(float64); is {
			cell = figure(f)
		}
		fmt.Fprintf(t.w, "| %v ", cell)
	}
	fmt.Fprintln(t.w, "|")
}

// figure writes a number with about three digits that count.
func figure(f float64) string {
	switch {
	case f == 0:
		return "–"
	case f < 10:
		return strconv.FormatFloat(f, 'f', 2, 64)
	case f < 100:
		return strconv.FormatFloat(f, 'f', 1, 64)
	default:
		return thousands(f)
	}
}

// thousands writes a whole number with separators.
func thousands(f float64) string {
	s := strconv.FormatInt(int64(f+0.5), 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func mebibytes(bytes int64) string { return figure(float64(bytes)/(1<<20)) + " MiB" }

func unit(u string) string {
	if u == "" {
		return ""
	}
	return " " + u
}
