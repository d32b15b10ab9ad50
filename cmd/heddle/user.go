package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"heddle/internal/client"
)

// allProjects is the project that stands for all of them.
const allProjects = "*"

func (a *app) userCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "user",
		Short: "Create, list, change and delete users, and say what they may do",
		Long:  "Users prove who they are by a password (heddle login) or an access key (heddle\nkey). A role says what a user may do in a project: viewer, invoker, operator; an\nadmin may do everything in all projects.",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		a.createUserCommand(), a.listUsersCommand(), a.grantCommand(), a.revokeCommand(), a.passwordCommand(),
		a.disableUserCommand("disable", "Let a user in no more", true),
		a.disableUserCommand("enable", "Let a user in again", false),
		a.deleteUserCommand(),
	)
	return c
}

func (a *app) createUserCommand() *cobra.Command {
	var admin, signs bool
	var role string
	c := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a user, with a role in the project or as an administrator",
		Long:  "Make a user. The password is asked for at a terminal, and read from the standard\ninput elsewhere. The first user has to be an administrator: from then on the\nserver lets nobody in who does not say who he is.",
		Example: "  heddle user create grace --admin\n" +
			"  heddle user create ada --role operator --project shop\n" +
			"  heddle user create robot --role invoker --project shop --no-password",
		Args: exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			if admin == (role != "") {
				return usageError{errors.New("give either --role or --admin")}
			}
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			password := ""
			if !signs {
				if password, err = a.password("Password of " + args[0] + ": "); err != nil {
					return err
				}
			}
			project := a.project
			if admin {
				role, project = "admin", allProjects
			}
			u, err := api.CreateUser(c.Context(), args[0], password, client.Grant{Project: project, Role: role})
			if err != nil {
				return err
			}
			return a.print(u, func(w io.Writer) { fmt.Fprintln(w, "created "+u.Name) })
		},
	}
	c.Flags().BoolVar(&admin, "admin", false, "an administrator, who may do everything in all projects")
	c.Flags().StringVar(&role, "role", "", "the `role` in the project: viewer, invoker or operator")
	c.Flags().BoolVar(&signs, "no-password", false, "without a password: the user only signs requests")
	return c
}

func (a *app) listUsersCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List users and what they may do",
		Args:  exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			list, err := api.Users(c.Context())
			if err != nil {
				return err
			}
			return a.print(list, func(w io.Writer) {
				row(w, "NAME", "STATE", "ROLES")
				for _, u := range list.Users {
					state := "enabled"
					if u.Disabled {
						state = "disabled"
					}
					row(w, u.Name, state, rolesOf(u))
				}
			})
		},
	}
}

func rolesOf(u client.User) string {
	var roles []string
	for _, g := range u.Grants {
		roles = append(roles, g.Role+" of "+g.Project)
	}
	return strings.Join(roles, ", ")
}

func (a *app) grantCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "grant NAME ROLE",
		Short:   "Give a user a role in the project; admin is one for all projects",
		Example: "  heddle user grant ada viewer --project lab",
		Args:    exactly(2),
		RunE: func(c *cobra.Command, args []string) error {
			project := a.project
			if args[1] == "admin" {
				project = allProjects
			}
			return a.granted(c, args[0], project, args[1])
		},
	}
}

func (a *app) revokeCommand() *cobra.Command {
	var admin bool
	c := &cobra.Command{
		Use:   "revoke NAME",
		Short: "Take a user's role in the project away",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			project := a.project
			if admin {
				project = allProjects
			}
			return a.granted(c, args[0], project, "")
		},
	}
	c.Flags().BoolVar(&admin, "admin", false, "the role of an administrator")
	return c
}

// granted sets a role and shows what the user may do then.
func (a *app) granted(c *cobra.Command, name, project, role string) error {
	api, err := a.client(a.project)
	if err != nil {
		return err
	}
	u, err := api.Grant(c.Context(), name, project, role)
	if err != nil {
		return err
	}
	return a.print(u, func(w io.Writer) { row(w, u.Name+":", rolesOf(u)) })
}

func (a *app) passwordCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "password NAME",
		Short: "Give a user another password, and end the user's tokens",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			password, err := a.password("New password of " + args[0] + ": ")
			if err != nil {
				return err
			}
			return a.changedUser(c, args[0], client.UserChange{Password: &password})
		},
	}
}

func (a *app) disableUserCommand(name, short string, disabled bool) *cobra.Command {
	return &cobra.Command{
		Use:   name + " NAME",
		Short: short,
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.changedUser(c, args[0], client.UserChange{Disabled: &disabled})
		},
	}
}

func (a *app) changedUser(c *cobra.Command, name string, change client.UserChange) error {
	api, err := a.client(a.project)
	if err != nil {
		return err
	}
	u, err := api.ChangeUser(c.Context(), name, change)
	if err != nil {
		return err
	}
	return a.print(u, func(w io.Writer) { fmt.Fprintln(w, "changed "+u.Name) })
}

func (a *app) deleteUserCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "delete NAME",
		Short: "Delete a user, with keys and tokens",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			return a.changed("deleted "+args[0], api.DeleteUser(c.Context(), args[0]))
		},
	}
}
