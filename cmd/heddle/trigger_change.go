package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) describeTriggerCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "describe TRIGGER TEXT",
		Short: "Give a trigger another description",
		Args:  exactly(2),
		RunE: func(c *cobra.Command, args []string) error {
			t, api, err := a.trigger(c.Context(), args[0])
			if err != nil {
				return err
			}
			return a.changed("described "+t.URN, api.DescribeTrigger(c.Context(), t.URN, args[1]))
		},
	}
}

func (a *app) deleteTriggerCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "delete TRIGGER",
		Short: "Delete a trigger that no graph names and no mapping binds",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			t, api, err := a.trigger(c.Context(), args[0])
			if err != nil {
				return err
			}
			return a.changed("deleted "+t.URN, api.DeleteTrigger(c.Context(), t.URN))
		},
	}
}

// changed says what was done, or returns why it was not.
func (a *app) changed(what string, err error) error {
	if err == nil && a.format == formatTable {
		fmt.Fprintln(a.out, what)
	}
	return err
}
