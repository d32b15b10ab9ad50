package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"heddle/internal/client"
)

func (a *app) historyCommand() *cobra.Command {
	var follow bool
	c := &cobra.Command{
		Use:   "history URN",
		Short: "Show what happened in an execution, oldest first",
		Long:  "Show what happened in an execution, oldest first: a line for each record, with\nthe seconds since the start. With --follow, go on until the execution ends.\nWith --output json each record is one line of JSON.",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			x, api, err := a.execution(args[0])
			if err != nil {
				return err
			}
			records := api.Records(c.Context(), x.String())
			if follow {
				records = api.Follow(c.Context(), x.String())
			}
			timeline := a.newTimeline()
			for record, err := range records {
				if err != nil {
					return err
				}
				if err := a.printRecord(timeline, record); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().BoolVarP(&follow, "follow", "f", false, "go on until the execution ends")
	return c
}

func (a *app) printRecord(t *timeline, r client.Record) error {
	if a.format == formatJSON {
		return printJSON(a.out, r, "")
	}
	if r.Type == client.RecordExecutionStart {
		fmt.Fprintf(a.out, "started at %s\n", r.At())
	}
	t.record(r)
	return nil
}
