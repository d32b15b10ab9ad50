// Command heddle runs graphs and speaks to a server that does: arguments,
// signals and exit codes stand here, and what a person reads. docs/cli.md
// shows every command.
package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"heddle/internal/function/confine"
)

func main() {
	confine.Enter()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	a := &app{program: program(os.Args[0]), in: os.Stdin, out: os.Stdout, err: os.Stderr, environ: os.Environ()}
	os.Exit(a.run(ctx, os.Args[1:]))
}

// program returns how to type the command again: as it was typed, unless that
// is a long path.
func program(typed string) string {
	if filepath.IsAbs(typed) {
		return filepath.Base(typed)
	}
	return typed
}
