package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// bench is what all measures share.
type bench struct {
	plan      plan
	binary    string     // of Heddle, built for this run
	dir       string     // everything that is written stands in it
	functions *functions // that the graphs call
	began     time.Time
	before    machineTime // when it began
	servers   int         // started so far; names their directories
	postgres  string      // the URL of a PostgreSQL to measure on; empty: there is none
}

// newBench builds Heddle and starts the functions.
func newBench(ctx context.Context, p plan) (b *bench, err error) {
	before, err := readMachineTime()
	if err != nil {
		return nil, fmt.Errorf("this program needs the /proc of Linux: %w", err)
	}
	dir, err := os.MkdirTemp("", "heddle-bench-")
	if err != nil {
		return nil, err
	}
	b = &bench{plan: p, dir: dir, binary: filepath.Join(dir, "heddle"), began: time.Now(), before: before}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	b.postgres = findPostgres(ctx)
	b.progress("build heddle")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", b.binary, "heddle/cmd/heddle")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build heddle: %w\n%s", err, text)
	}
	if b.functions, err = newFunctions(); err != nil {
		return nil, fmt.Errorf("start the functions: %w", err)
	}
	return b, nil
}

// close ends the functions and removes what was written. Whoever started a
// server has ended it by then.
func (b *bench) close() {
	if b.functions != nil {
		b.functions.close()
	}
	os.RemoveAll(b.dir)
}

// progress tells a person who waits what is being done.
func (b *bench) progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%4.0fs  %s\n", time.Since(b.began).Seconds(), fmt.Sprintf(format, args...))
}
