package main

import (
	"cmp"
	"io"

	"github.com/spf13/cobra"
)

func (a *app) executionsCommand() *cobra.Command {
	var flags listFlags
	c := &cobra.Command{
		Use:   "executions GRAPH",
		Short: "List the executions of a graph, newest first",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			q, err := flags.query()
			if err != nil {
				return err
			}
			graph, api, err := a.graph(args[0])
			if err != nil {
				return err
			}
			list, err := api.Executions(c.Context(), graph, q)
			if err != nil {
				return err
			}
			return a.print(list, func(w io.Writer) {
				row(w, "STATUS", "STARTED", "TOOK", "URN")
				for _, x := range list.Executions {
					row(w, x.Status, x.StartedAt, cmp.Or(between(x.StartedAt, x.StoppedAt), "-"), x.URN)
				}
				more(w, len(list.Executions), list.Count)
			})
		},
	}
	flags.add(c)
	return c
}
