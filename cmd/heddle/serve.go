package main

import (
	"io"
	"log/slog"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"heddle/internal/config"
	"heddle/internal/server"
)

// gcPercent lets the heap grow by twice what is in use, not by once, until it is
// collected: a server at full load has little in use and makes much garbage, and
// collecting it took a tenth of the processor time of a start.
const gcPercent = 200

// waitingProcs is how many more goroutines run at a time than there are processors:
// while the committer waits for the disk, Go counts it as one that runs. On a
// machine with one processor, all else would stand still for as long, and on one
// with two half of it.
const waitingProcs = 1

func (a *app) serveCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the server until it is told to stop",
		Long:  "Run the server until SIGINT or SIGTERM. It then takes no new starts, finishes or\nhands back what is running, and exits with 0.\n\nEach setting is a flag, a variable of the environment (--data-dir is\nHEDDLE_DATA_DIR) or a key of the configuration file; the first of these wins.\nThe functions that graphs call are declared in the file only.",
		Args:  exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := config.Load(c.Flags(), a.environ)
			if err != nil {
				return usageError{err}
			}
			if a.getenv("GOGC") == "" {
				debug.SetGCPercent(gcPercent)
			}
			if a.getenv("GOMAXPROCS") == "" {
				runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + waitingProcs)
			}
			s, err := server.New(cfg, newLogger(a.err, cfg))
			if err != nil {
				return err
			}
			return s.Run(c.Context())
		},
	}
	config.Flags(c.Flags())
	hideGlobalFlags(c)
	return c
}

func newLogger(w io.Writer, cfg config.Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// hideGlobalFlags keeps the flags of the calls to a server out of the help of
// a command that makes none.
func hideGlobalFlags(c *cobra.Command) {
	c.SetHelpFunc(func(c *cobra.Command, args []string) {
		c.InheritedFlags().VisitAll(func(f *pflag.Flag) { f.Hidden = true })
		c.Root().HelpFunc()(c, args)
	})
}
