// Command bench measures Heddle from outside, as its callers meet it: it
// builds the binary, runs it as a process of its own on fresh data directories,
// and drives it over HTTP. Beside each figure stands a reference measured in
// the same run, since only the ratio says something on another machine.
//
// What the figures mean and what they were stands in docs/performance.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

func main() {
	if len(os.Args) > 2 && os.Args[1] == referenceRole {
		exitOn(serveReference(os.Args[2]))
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	exitOn(run(ctx, os.Args[1:]))
}

func exitOn(err error) {
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures, prints the report, and returns an error if a measure could
// not be taken. A bar that is not reached is no error.
func run(ctx context.Context, args []string) error {
	p, jsonFile, err := planFromFlags(args)
	if err != nil {
		return err
	}
	b, err := newBench(ctx, p)
	if err != nil {
		return err
	}
	defer b.close()
	r := b.measure(ctx)
	r.Bars = barsOf(r)
	writeReport(os.Stdout, r)
	if jsonFile != "" {
		if err := writeJSON(jsonFile, r); err != nil {
			return err
		}
	}
	if len(r.Failures) > 0 {
		return errors.New(strings.Join(r.Failures, "\nbench: "))
	}
	return nil
}

// measure takes the measures of the plan. One that fails does not keep the
// others from being taken.
func (b *bench) measure(ctx context.Context) results {
	r := newResults(b.plan)
	for _, m := range measures {
		if len(b.plan.only) > 0 && !slices.Contains(b.plan.only, m.name) || ctx.Err() != nil {
			continue
		}
		b.progress("%s", m.name)
		if err := m.take(b, ctx, &r); err != nil {
			r.Failures = append(r.Failures, fmt.Sprintf("%s: %v", m.name, err))
		}
	}
	if ctx.Err() != nil {
		r.Failures = append(r.Failures, "interrupted")
	}
	after, err := readMachineTime()
	if err != nil {
		r.Failures = append(r.Failures, err.Error())
	}
	r.Others = after.othersSince(b.before)
	return r
}

// measures are all there is to measure, in the order in which it is done.
var measures = []struct {
	name string
	take func(*bench, context.Context, *results) error
}{
	{"throughput", (*bench).measureThroughput},
	{"waiting", (*bench).measureWaiting},
	{"postgres", (*bench).measurePostgres},
	{"slow-disk", (*bench).measureSlowDisk},
	{"overload", (*bench).measureOverload},
	{"fairness", (*bench).measureFairness},
	{"due", (*bench).measureDue},
	{"functions", (*bench).measureRuntimes},
	{"stored", (*bench).measureStored},
}

func measureNames() []string {
	names := make([]string, len(measures))
	for i, m := range measures {
		names[i] = m.name
	}
	return names
}
