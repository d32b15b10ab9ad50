package main

import (
	"io"

	"github.com/spf13/cobra"
)

func (a *app) listTriggersCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List triggers, newest first",
		Args:  exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			list, err := api.Triggers(c.Context())
			if err != nil {
				return err
			}
			return a.print(list, func(w io.Writer) {
				row(w, "NAME", "SOURCE", "CREATED", "URN")
				for _, t := range list.Triggers {
					row(w, t.Name, t.Source, t.CreatedAt, t.URN)
				}
			})
		},
	}
}
