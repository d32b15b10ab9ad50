package main

import (
	"context"
	"fmt"
	"os/exec"
)

// slowDisk compares the disk as it is with one whose fsync takes longer.
type slowDisk struct {
	NotMeasured string    `json:"not_measured,omitempty"` // why
	Rate        float64   `json:"executions_per_second"`  // of the pass graph
	SlowRate    float64   `json:"slow_per_second"`
	Start       quantiles `json:"start"`
	SlowStart   quantiles `json:"slow_start"`
}

const (
	slowClients     = 256
	slowMicrosecond = "2000" // by which each fsync takes longer
)

// slowed runs the command behind it with slower fsyncs. The tracer is not the
// parent of the traced process (-D), which so is still our child, and it
// stops the process at no other system call (--seccomp-bpf).
var slowed = []string{
	"strace", "-D", "-f", "--seccomp-bpf", "-o", "/dev/null",
	"-e", "trace=fsync,fdatasync",
	"-e", "inject=fsync,fdatasync:delay_exit=" + slowMicrosecond,
}

func (b *bench) measureSlowDisk(ctx context.Context, r *results) error {
	if _, err := exec.LookPath(slowed[0]); err != nil {
		r.SlowDisk = &slowDisk{NotMeasured: "strace is not installed"}
		return nil
	}
	var normal, slow []round
	for n := range b.plan.rounds {
		b.progress("  round %d", n+1)
		one, err := b.freshRound(ctx, setup{}, pass, slowClients)
		if err != nil {
			return err
		}
		normal = append(normal, one)
		if one, err = b.freshRound(ctx, setup{wrapper: slowed}, pass, slowClients); err != nil {
			return fmt.Errorf("under strace: %w", err)
		}
		slow = append(slow, one)
	}
	start := func(r round) quantiles { return r.start }
	r.SlowDisk = &slowDisk{
		Rate:      medianOf(normal, round.perSecond),
		SlowRate:  medianOf(slow, round.perSecond),
		Start:     medianQuantiles(normal, start),
		SlowStart: medianQuantiles(slow, start),
	}
	return nil
}
