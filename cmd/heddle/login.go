package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func (a *app) loginCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "login USER",
		Short:   "Print a token for the project, which lasts for a day",
		Long:    "Print a token for the project of --project. The password is asked for at a\nterminal, and read from the standard input elsewhere.",
		Example: "  export HEDDLE_TOKEN=$(heddle login ada --project shop)",
		Args:    exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			password, err := a.password("Password: ")
			if err != nil {
				return err
			}
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			token, err := api.Login(c.Context(), args[0], password, a.project)
			if err != nil {
				return err
			}
			fmt.Fprintln(a.out, token)
			return nil
		},
	}
}

// password asks for a password at a terminal, without showing it, or reads a line
// of the standard input.
func (a *app) password(question string) (string, error) {
	if file, ok := a.in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		fmt.Fprint(a.err, question)
		text, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(a.err)
		return string(text), err
	}
	line, err := bufio.NewReader(a.in).ReadString('\n')
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", usageError{errors.Join(errors.New("the standard input has no password"), err)}
	}
	return line, nil
}
