package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"heddle/internal/client"
)

func (a *app) createGraphCommand() *cobra.Command {
	var description string
	c := &cobra.Command{
		Use:     "create NAME FILE",
		Short:   "Store a new graph",
		Long:    "Store a new graph. FILE is its definition: JSON, YAML if it ends in .yaml or\n.yml, or - for JSON from the standard input.",
		Example: "  heddle graph create order examples/graphs/order.json",
		Args:    exactly(2),
		RunE: func(c *cobra.Command, args []string) error {
			_, api, err := a.graph(args[0])
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
			created, err := api.CreateGraph(c.Context(), client.NewGraph{Name: args[0], Definition: d.text, Description: description})
			if err != nil {
				return a.refusedDefinition(d, err)
			}
			return a.print(created, func(w io.Writer) { fmt.Fprintf(w, "created %s\n", created.URN) })
		},
	}
	c.Flags().StringVar(&description, "description", "", "what the graph is for: at most 256 letters, digits, blanks and , . : - _")
	return c
}
