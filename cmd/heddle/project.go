package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

func (a *app) projectCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "project",
		Short: "Give projects names, and list them",
		Long:  "A project is there as soon as it is used. A name for its id can be given at\nlogin in place of the id.",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.createProjectCommand(), a.listProjectsCommand())
	return c
}

func (a *app) createProjectCommand() *cobra.Command {
	var id string
	c := &cobra.Command{
		Use:   "create NAME",
		Short: "Give a project a name",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			p, err := api.CreateProject(c.Context(), args[0], id)
			if err != nil {
				return err
			}
			return a.print(p, func(w io.Writer) { fmt.Fprintln(w, "created "+p.Name) })
		},
	}
	c.Flags().StringVar(&id, "id", "", "its `id`, 1 to 64 letters and digits (default the name)")
	return c
}

func (a *app) listProjectsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the projects that have names",
		Args:  exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			list, err := api.Projects(c.Context())
			if err != nil {
				return err
			}
			return a.print(list, func(w io.Writer) {
				row(w, "NAME", "ID", "CREATED")
				for _, p := range list.Projects {
					row(w, p.Name, p.ID, p.CreatedAt)
				}
			})
		},
	}
}
