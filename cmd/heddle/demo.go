package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"heddle/internal/config"
	"heddle/internal/server"
)

// demo is a server with the examples in it, and one execution that is watched.
type demo struct {
	*app
	listen  string
	dataDir string
	local   string // whether functions may run on this machine
	once    bool

	logLevel slog.LevelVar // the least that the server says
}

func (a *app) demoCommand() *cobra.Command {
	d := &demo{app: a}
	c := &cobra.Command{
		Use:   "demo",
		Short: "Start a server with sample graphs, and run one of them",
		Long:  "Start a server on a fresh data directory, with the functions of the examples and\nthe sample graphs; start an execution of one, show what happens and how to do it\nagain; and go on serving until Ctrl-C.",
		Args:  exactly(0),
		RunE:  func(c *cobra.Command, _ []string) error { return d.run(c.Context()) },
	}
	c.Flags().StringVar(&d.listen, "listen", config.Default().Listen, "`host:port` to serve on; port 0 takes a free one")
	c.Flags().StringVar(&d.dataDir, "data-dir", "", "keep the data in this `directory` (default a temporary one, removed at the end)")
	c.Flags().StringVar(&d.local, "local-functions", config.Default().Local.Functions, "`whether` functions may run on this machine: on, off or auto")
	c.Flags().BoolVar(&d.once, "once", false, "end when the execution has ended")
	hideGlobalFlags(c)
	return c
}

// run serves until ctx ends, or until the tour does with --once. The functions
// outlive the server, which may still call them while it shuts down.
func (d *demo) run(ctx context.Context) error {
	directory, remove, err := d.directory()
	if err != nil {
		return err
	}
	defer remove()
	functions, err := startEndpoints()
	if err != nil {
		return err
	}
	defer functions.stop()
	s, err := d.newServer(directory)
	if err != nil {
		return err
	}
	serving, end := context.WithCancel(ctx)
	defer end()
	group, serving := errgroup.WithContext(serving)
	group.Go(func() error { return s.Run(serving) })
	// Asking a server that is not ready whether it is would fill its log.
	d.logLevel.Set(slog.LevelError + 1)
	group.Go(func() error {
		err := d.tour(serving, "http://"+s.Addr(), "http://"+functions.address, directory)
		if d.once {
			end()
		}
		return err
	})
	err = group.Wait()
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // Ctrl-C is how a demo ends
	}
	return err
}

// directory returns where the data goes, and what removes it at the end if
// nobody asked to keep it.
func (d *demo) directory() (path string, remove func(), err error) {
	if d.dataDir != "" {
		return d.dataDir, func() {}, nil
	}
	path, err = os.MkdirTemp("", "heddle-demo-")
	return path, func() { os.RemoveAll(path) }, err
}

func (d *demo) newServer(directory string) (*server.Server, error) {
	cfg := config.Default()
	cfg.Listen = d.listen
	cfg.DataDir = directory
	cfg.Local.Functions = d.local
	s, err := server.New(cfg, slog.New(slog.NewTextHandler(d.err, &slog.HandlerOptions{Level: &d.logLevel})))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is taken, perhaps by another Heddle (--listen 127.0.0.1:0 takes a free port)", d.listen)
	}
	return s, err
}
