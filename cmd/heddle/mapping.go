package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"heddle/internal/client"
)

func (a *app) mappingCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "mapping",
		Short: "Let the events of a trigger start executions of a graph",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		a.createMappingCommand(), a.listMappingsCommand(),
		a.enableMappingCommand("enable", "Let events start executions again", true),
		a.enableMappingCommand("disable", "Let events pass without effect", false),
		a.deleteMappingCommand(),
	)
	return c
}

func (a *app) createMappingCommand() *cobra.Command {
	var disabled bool
	c := &cobra.Command{
		Use:     "create TRIGGER GRAPH",
		Short:   "Map a trigger of a topic or bucket to a graph",
		Example: "  heddle mapping create orders order",
		Args:    exactly(2),
		RunE: func(c *cobra.Command, args []string) error {
			t, api, err := a.trigger(c.Context(), args[0])
			if err != nil {
				return err
			}
			graph, _, err := a.graph(args[1])
			if err != nil {
				return err
			}
			created, err := api.CreateMapping(c.Context(), client.NewMapping{TriggerURN: t.URN, GraphURN: graph, Enabled: !disabled})
			if err != nil {
				return err
			}
			return a.print(created, func(w io.Writer) { fmt.Fprintln(w, created.ID) })
		},
	}
	c.Flags().BoolVar(&disabled, "disabled", false, "let events pass until heddle mapping enable")
	return c
}

func (a *app) listMappingsCommand() *cobra.Command {
	var graph, trigger string
	c := &cobra.Command{
		Use:   "list",
		Short: "List mappings, newest first",
		Args:  exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			if graph != "" {
				if graph, api, err = a.graph(graph); err != nil {
					return err
				}
			}
			if trigger != "" {
				t, owner, err := a.trigger(c.Context(), trigger)
				if err != nil {
					return err
				}
				trigger, api = t.URN, owner
			}
			list, err := api.Mappings(c.Context(), graph, trigger)
			if err != nil {
				return err
			}
			return a.print(list, func(w io.Writer) {
				row(w, "ENABLED", "CREATED", "ID")
				for _, m := range list.Mappings {
					row(w, fmt.Sprint(m.Enabled), time.Unix(m.CreatedAt, 0).UTC().Format(time.RFC3339), m.ID)
				}
			})
		},
	}
	c.Flags().StringVar(&graph, "graph", "", "only those of this `graph`")
	c.Flags().StringVar(&trigger, "trigger", "", "only those of this `trigger`")
	return c
}

func (a *app) enableMappingCommand(name, short string, enabled bool) *cobra.Command {
	return &cobra.Command{
		Use:   name + " ID",
		Short: short,
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			return a.changed(name+"d "+args[0], api.EnableMapping(c.Context(), args[0], enabled))
		},
	}
}

func (a *app) deleteMappingCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "delete ID",
		Short: "Delete a mapping",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			return a.changed("deleted "+args[0], api.DeleteMapping(c.Context(), args[0]))
		},
	}
}
