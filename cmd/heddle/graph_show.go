package main

import (
	"io"

	"github.com/spf13/cobra"
)

func (a *app) showGraphCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Show a graph and its definition",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			graph, api, err := a.graph(args[0])
			if err != nil {
				return err
			}
			g, err := api.Graph(c.Context(), graph)
			if err != nil {
				return err
			}
			err = a.print(g, func(w io.Writer) {
				row(w, "Graph", g.URN)
				row(w, "Created", g.CreatedAt)
				if g.Description != "" {
					row(w, "Description", g.Description)
				}
				row(w)
			})
			if err != nil || a.format == formatJSON {
				return err
			}
			return printJSON(a.out, g.Definition, "  ")
		},
	}
}
