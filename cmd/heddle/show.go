package main

import (
	"cmp"
	"io"

	"github.com/spf13/cobra"

	"heddle/internal/client"
)

func (a *app) showCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show URN",
		Short: "Show an execution and what became of its states",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			x, api, err := a.execution(args[0])
			if err != nil {
				return err
			}
			shown, err := api.Execution(c.Context(), x.String())
			if err != nil {
				return err
			}
			if err := a.print(shown, func(w io.Writer) { a.describe(w, shown) }); err != nil || a.format == formatJSON {
				return err
			}
			return a.print(nil, func(w io.Writer) { a.stateTable(w, shown) })
		},
	}
}

// describe writes the execution's own fields.
func (a *app) describe(w io.Writer, x client.Execution) {
	row(w, "Execution", x.URN)
	row(w, "Graph", x.GraphURN)
	status := a.style().status(x.Status, x.Status)
	if x.Test {
		status += " (test)"
	}
	row(w, "Status", status)
	row(w, "Started", x.StartedAt)
	if x.StoppedAt != "" {
		row(w, "Stopped", x.StoppedAt+", after "+between(x.StartedAt, x.StoppedAt))
	}
	row(w, "Input", compact(x.Input))
	if x.Output != nil {
		row(w, "Output", compact(*x.Output))
	}
	row(w)
}

// stateTable writes the states in the order of the definition.
func (a *app) stateTable(w io.Writer, x client.Execution) {
	row(w, "STATE", "TYPE", "STATUS", "AT", "TOOK")
	for _, s := range x.States {
		row(w, printable(s.Name), s.Type, s.Status,
			cmp.Or(between(x.StartedAt, s.StartedAt), "-"), cmp.Or(between(s.StartedAt, s.StoppedAt), "-"))
	}
}
