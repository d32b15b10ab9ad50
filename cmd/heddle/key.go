package main

import (
	"io"

	"github.com/spf13/cobra"
)

func (a *app) keyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "key",
		Short: "Create, list and delete access keys, with which requests are signed",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.createKeyCommand(), a.listKeysCommand(), a.deleteKeyCommand())
	return c
}

func (a *app) createKeyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "create USER",
		Short: "Make an access key of a user for the project, and show its secret once",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			k, err := api.CreateKey(c.Context(), args[0], a.project)
			if err != nil {
				return err
			}
			return a.print(k, func(w io.Writer) {
				row(w, "HEDDLE_ACCESS_KEY="+k.Access)
				row(w, "HEDDLE_SECRET_KEY="+k.Secret)
			})
		},
	}
}

func (a *app) listKeysCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List access keys",
		Args:  exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			list, err := api.Keys(c.Context())
			if err != nil {
				return err
			}
			return a.print(list, func(w io.Writer) {
				row(w, "ACCESS KEY", "USER", "PROJECT", "CREATED")
				for _, k := range list.Keys {
					row(w, k.Access, k.User, k.Project, k.CreatedAt)
				}
			})
		},
	}
}

func (a *app) deleteKeyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "delete KEY",
		Short: "Delete an access key",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			return a.changed("deleted "+args[0], api.DeleteKey(c.Context(), args[0]))
		},
	}
}
