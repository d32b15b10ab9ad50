package main

import (
	"cmp"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"heddle/internal/client"
)

func (a *app) listTimersCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list GRAPH",
		Short: "List the timers of a graph, the oldest first",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			graph, api, err := a.graph(args[0])
			if err != nil {
				return err
			}
			list, err := api.Timers(c.Context(), graph)
			if err != nil {
				return err
			}
			return a.print(list, func(w io.Writer) {
				row(w, "STATUS", "SCHEDULE", "MISSED", "NEXT", "URN")
				for _, t := range list.Timers {
					row(w, t.Status, scheduleText(t), t.Misfire, cmp.Or(t.NextAt, "-"), t.URN)
				}
			})
		},
	}
}

// scheduleText writes a timer's schedule as it was given, with its zone.
func scheduleText(t client.Timer) string {
	if t.Rate != nil {
		return fmt.Sprintf("every %d %s", t.Rate.Interval, t.Rate.Unit)
	}
	return printable(t.Expression) + " " + t.Zone
}
