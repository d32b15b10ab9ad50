package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

func (a *app) stopCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "stop URN",
		Short: "Stop an execution; it ends as ABORTED",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			x, api, err := a.execution(args[0])
			if err != nil {
				return err
			}
			stopped, err := api.Stop(c.Context(), x.GraphURN().String(), x.String())
			if err != nil {
				return err
			}
			return a.print(stopped, func(w io.Writer) { fmt.Fprintf(w, "stopped at %s\n", stopped.StoppedAt) })
		},
	}
}
