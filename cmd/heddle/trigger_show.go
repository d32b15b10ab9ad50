package main

import (
	"encoding/json"
	"io"

	"github.com/spf13/cobra"
)

func (a *app) showTriggerCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show TRIGGER",
		Short: "Show a trigger and its definition",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			t, _, err := a.trigger(c.Context(), args[0])
			if err != nil {
				return err
			}
			err = a.print(t, func(w io.Writer) {
				row(w, "Trigger", t.URN)
				row(w, "UUID", t.ID)
				row(w, "Created", t.CreatedAt)
				if t.Description != "" {
					row(w, "Description", printable(t.Description))
				}
				row(w)
			})
			if err != nil || a.format == formatJSON {
				return err
			}
			return printJSON(a.out, json.RawMessage(t.Definition), "  ")
		},
	}
}
