package main

import (
	"io"

	"github.com/spf13/cobra"
)

func (a *app) listGraphsCommand() *cobra.Command {
	var flags listFlags
	c := &cobra.Command{
		Use:   "list",
		Short: "List graphs, newest first",
		Args:  exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			q, err := flags.query()
			if err != nil {
				return err
			}
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			list, err := api.Graphs(c.Context(), q)
			if err != nil {
				return err
			}
			return a.print(list, func(w io.Writer) {
				row(w, "NAME", "CREATED", "URN")
				for _, g := range list.Graphs {
					row(w, g.Name, g.CreatedAt, g.URN)
				}
				more(w, len(list.Graphs), list.Count)
			})
		},
	}
	flags.add(c)
	return c
}
