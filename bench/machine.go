package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// machineTime is processor time since the machine was started, summed over
// all processors.
type machineTime struct {
	total time.Duration // idle or not
	busy  time.Duration
	ours  time.Duration // of this program and of those that it started and that have ended
}

// readMachineTime reads what /proc and the kernel count.
func readMachineTime() (machineTime, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return machineTime{}, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	fields := strings.Fields(line)
	// cpu user nice system idle iowait irq softirq steal; what follows is
	// counted in them already.
	if len(fields) < 9 || fields[0] != "cpu" {
		return machineTime{}, errors.New("/proc/stat does not begin with the sum of all processors")
	}
	var t machineTime
	for i, field := range fields[1:9] {
		ticks, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return machineTime{}, fmt.Errorf("read /proc/stat: %w", err)
		}
		t.total += time.Duration(ticks) * clockTick
		if idle := i == 3 || i == 4; !idle {
			t.busy += time.Duration(ticks) * clockTick
		}
	}
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		ours, err := used(who)
		if err != nil {
			return machineTime{}, err
		}
		t.ours += ours
	}
	return t, nil
}

// used returns the processor time that this program or its children have used.
func used(who int) (time.Duration, error) {
	var use syscall.Rusage
	if err := syscall.Getrusage(who, &use); err != nil {
		return 0, fmt.Errorf("read the time of this program: %w", err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano()), nil
}

// othersSince returns the share of all processors that other programs took:
// the larger it is, the less the figures say.
func (t machineTime) othersSince(before machineTime) float64 {
	others := (t.busy - before.busy) - (t.ours - before.ours)
	return max(0, float64(others)/float64(t.total-before.total))
}
