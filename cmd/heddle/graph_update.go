package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

func (a *app) updateGraphCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "update NAME FILE",
		Short:   "Give a graph another definition",
		Long:    "Give a graph another definition, from a FILE as for create. Executions that run\ngo on with the definition that they started with.",
		Example: "  heddle graph update order order.yaml",
		Args:    exactly(2),
		RunE: func(c *cobra.Command, args []string) error {
			graph, api, err := a.graph(args[0])
			if err != nil {
				return err
			}
			d, err := a.readDocument(args[1])
			if err != nil {
				return err
			}
			if d.fault != nil {
				return d.fault
			}
			updated, err := api.UpdateGraph(c.Context(), graph, d.text)
			if err != nil {
				return a.refusedDefinition(d, err)
			}
			return a.print(updated, func(w io.Writer) { fmt.Fprintf(w, "updated %s\n", updated.URN) })
		},
	}
}
